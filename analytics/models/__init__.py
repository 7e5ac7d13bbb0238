"""One module per subject."""

from .rfm import AnalyticsRun, CustomerRfm, RfmSummary
from .schedules import Schedule, ScheduleRecipient

__all__ = ["AnalyticsRun", "CustomerRfm", "RfmSummary", "Schedule", "ScheduleRecipient"]
