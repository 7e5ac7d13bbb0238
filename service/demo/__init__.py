"""The demo of service: one module per subject, imported in the order in which they are filled."""

from . import tickets

__all__ = ["tickets"]
