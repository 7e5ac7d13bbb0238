"""What workers do for analytics: one module per subject, imported here so that its jobs and tasks are known."""

from . import reports, rfm

__all__ = ["reports", "rfm"]
