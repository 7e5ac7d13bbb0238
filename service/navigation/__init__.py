"""Sidebar, palette, panels and cards: one module per subject, imported here so that they register."""

from . import mail, settings, tickets

__all__ = ["mail", "settings", "tickets"]
