"""Pages of marketing: one module per subject. Imported whole, so that the list pages are known."""

from . import campaigns, recipients, results, segments, suppressions, templates

__all__ = ["campaigns", "recipients", "results", "segments", "suppressions", "templates"]
