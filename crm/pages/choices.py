from django.db import models
from django.utils.translation import gettext_lazy as _


class Visibility(models.TextChoices):
    OWN = "own", _("Only me")
    TEAM = "team", _("My team")
    ALL = "all", _("Everybody")


class Theme(models.TextChoices):
    AUTO = "auto", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
