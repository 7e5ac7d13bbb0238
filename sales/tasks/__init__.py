"""What workers do for sales: one module per subject, imported here so that its jobs and tasks are known."""

from . import documents, stages

__all__ = ["documents", "stages"]
