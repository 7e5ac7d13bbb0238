"""The kinds that can be imported: one module per subject, imported here so that they register."""

from . import deals, leads, products, purchases

__all__ = ["deals", "leads", "products", "purchases"]
