from django.db import models
from django.utils.translation import gettext_lazy as _


class DealStatus(models.TextChoices):
    """How a deal stands; the kind of a stage is the status of the deals in it."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
