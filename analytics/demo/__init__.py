"""The demo of analytics: one module per subject, imported in the order in which they are filled."""

from . import rfm, schedules

__all__ = ["rfm", "schedules"]
