"""One module per subject, imported here so that their list pages are known to workers too."""

from . import board, deals, leads, pipelines, products, purchases, quotes

__all__ = ["board", "deals", "leads", "pipelines", "products", "purchases", "quotes"]
