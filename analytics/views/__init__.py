"""One module per subject. What has a list page is imported here, so that workers, which read no URL map, know it."""

from . import reports, rfm, schedules

__all__ = ["reports", "rfm", "schedules"]
