"""The demo of sales: one module per subject, imported in the order in which they are filled."""

from . import deals, leads, products, purchases, quotes

__all__ = ["deals", "leads", "products", "purchases", "quotes"]
