from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Being sent")
    PAUSED = "paused", _("Paused")
    SENT = "sent", pgettext_lazy("a campaign", "Sent")
    CANCELLED = "cancelled", _("Cancelled")


# Mails are on their way, or will be by themselves.
UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED)


# In which states a step makes sense; what is not named, in all.
POSSIBLE: dict[str, set[CampaignState]] = {
    "edit": {CampaignState.DRAFT},
    "send": {CampaignState.DRAFT},
    "trial": {CampaignState.DRAFT, CampaignState.SCHEDULED},
    "unschedule": {CampaignState.SCHEDULED},
    "pause": {CampaignState.SENDING},
    "resume": {CampaignState.PAUSED},
    "cancel": {CampaignState.SENDING, CampaignState.PAUSED},
    "delete": set(CampaignState) - set(UNDER_WAY),
}


class SendState(models.TextChoices):
    """Where a mail to one customer is. Only what is queued or claimed may still be sent; all else never again."""

    QUEUED = "queued", _("Waiting")
    # A worker has taken it, and has not turned to the mail server yet.
    CLAIMED = "claimed", _("About to be sent")
    # Written before the mail server is told, so that whoever dies in between leaves a trace.
    SENDING = "sending", _("Being handed over")
    SENT = "sent", pgettext_lazy("a mail", "Sent")
    FAILED = "failed", _("Not possible")
    # The worker died, or the line broke, before the mail server had answered.
    UNKNOWN = "unknown", _("Not known")
    BOUNCED = "bounced", _("Came back")
    SUPPRESSED = "suppressed", _("Left out: wants no mail")


class SuppressionReason(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    BOUNCED = "bounced", _("Mail came back")
    COMPLAINT = "complaint", _("Complained")
    MANUAL = "manual", _("Entered by hand")


class Result(models.TextChoices):
    SUCCESS = "success", _("Success")
    FAILURE = "failure", _("Failure")


class HitKind(models.TextChoices):
    OPEN = "open", _("Opened")
    CLICK = "click", _("Clicked")


class HitSource(models.TextChoices):
    """Who is taken to have caused a hit, and why."""

    HUMAN = "human", _("A person")
    PREFETCH = "prefetch", _("Loaded beforehand")
    PROGRAM = "program", _("A program")
    TOO_SOON = "too_soon", _("Within seconds of sending")
    TOO_MANY = "too_many", _("Many links at once")
