from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    SALES_MANAGER = "sales_manager", _("Sales manager")
    SALES = "sales", _("Sales representative")
    SUPPORT_LEAD = "support_lead", _("Support lead")
    SUPPORT = "support", _("Support agent")
    MARKETER = "marketer", _("Marketer")
    ANALYST = "analyst", _("Analyst")
    READER = "reader", _("Reader")


class Scope(models.TextChoices):
    """How far a member sees in one kind of record."""

    OWN = "own", _("Own")
    TEAM = "team", _("Team and teams below")
    ALL = "all", _("All")

    @property
    def width(self) -> int:
        return list(Scope).index(self)
