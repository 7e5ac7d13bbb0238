"""The demo of service: one module per subject, imported in the order in which they are filled."""

from . import tickets, writing

__all__ = ["tickets", "writing"]
