"""Sidebar, palette, panels and cards: one module per subject, imported here so that they register."""

from . import deals, leads, pipelines, products, purchases, quotes

__all__ = ["deals", "leads", "pipelines", "products", "purchases", "quotes"]
