"""The demo of sales: one module per subject, imported in the order in which they are filled."""

from . import deals, leads

__all__ = ["deals", "leads"]
