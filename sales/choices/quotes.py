from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class QuoteStatus(models.TextChoices):
    """A draft can be changed; whatever was sent stays as the customer has it."""

    DRAFT = "draft", _("Draft")
    SENT = "sent", pgettext_lazy("a quote", "Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    REPLACED = "replaced", _("Replaced")
