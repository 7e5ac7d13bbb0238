from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    # Gave up after the last attempt. Stays until somebody tries again or it is cleaned away.
    DEAD = "dead", _("Given up")

    @property
    def is_finished(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
