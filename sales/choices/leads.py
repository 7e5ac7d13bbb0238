from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LeadStatus(models.TextChoices):
    NEW = "new", pgettext_lazy("lead", "New")
    WORKING = "working", _("In contact")
    QUALIFIED = "qualified", _("Qualified")
    CONVERTED = "converted", _("Converted")
    DISCARDED = "discarded", _("Discarded")


class DiscardReason(models.TextChoices):
    UNREACHABLE = "unreachable", _("Cannot be reached")
    NO_NEED = "no_need", _("No need")
    NO_BUDGET = "no_budget", _("No budget")
    COMPETITOR = "competitor", _("Bought elsewhere")
    DUPLICATE = "duplicate", _("Known already")
    INVALID = "invalid", _("Wrong details")
    OTHER = "other", _("Another reason")
