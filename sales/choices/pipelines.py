from django.db import models
from django.utils.translation import pgettext_lazy


class DealStatus(models.TextChoices):
    """How a deal stands; the kind of a stage is the status of the deals in it."""

    OPEN = "open", pgettext_lazy("deal", "Open")
    WON = "won", pgettext_lazy("deal", "Won")
    LOST = "lost", pgettext_lazy("deal", "Lost")
