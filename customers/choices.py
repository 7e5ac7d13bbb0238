from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    COMPANY = "company", _("Company")
    PERSON = "person", _("Person")


class CustomerStage(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    ENGAGED = "engaged", _("In contact")
    ACTIVE = "active", _("Active customer")
    LAPSED = "lapsed", _("Lapsed")
    LOST = "lost", _("Lost")


class CustomerLevel(models.TextChoices):
    KEY = "a", _("A · key")
    REGULAR = "b", _("B · regular")
    SMALL = "c", _("C · small")


class CustomerSource(models.TextChoices):
    WEBSITE = "website", _("Website")
    REFERRAL = "referral", _("Referral")
    EVENT = "event", _("Event or fair")
    PHONE = "phone", _("Telephone")
    ADVERTISING = "advertising", _("Advertising")
    PARTNER = "partner", _("Partner")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


class ActivityKind(models.TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    NOTE = "note", _("Note")
    TASK = "task", _("Task")


class TagColor(models.TextChoices):
    """The names of the look's palette; the template turns them into a class."""

    BLUE = "blue", _("Blue")
    AZURE = "azure", _("Light blue")
    INDIGO = "indigo", _("Indigo")
    PURPLE = "purple", _("Purple")
    PINK = "pink", _("Pink")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    YELLOW = "yellow", _("Yellow")
    LIME = "lime", _("Lime")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    CYAN = "cyan", _("Cyan")
