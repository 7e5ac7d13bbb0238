from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Visibility(models.TextChoices):
    OWN = "own", _("Only me")
    TEAM = "team", _("My team")
    ALL = "all", _("Everybody")


class Theme(models.TextChoices):
    AUTO = "auto", pgettext_lazy("look", "System")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
