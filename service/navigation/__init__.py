"""Sidebar, palette, panels and cards: one module per subject, imported here so that they register."""

from . import settings, tickets

__all__ = ["settings", "tickets"]
