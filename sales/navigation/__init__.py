"""Sidebar, palette, panels and cards: one module per subject, imported here so that they register."""

from . import deals, leads, pipelines

__all__ = ["deals", "leads", "pipelines"]
