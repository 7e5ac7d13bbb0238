"""The kinds that can be imported: one module per subject, imported here so that they register."""

from . import deals, leads

__all__ = ["deals", "leads"]
