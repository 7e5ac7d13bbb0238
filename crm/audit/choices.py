from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Action(models.TextChoices):
    """What happened. The first five are written by the database alone; the others are said by the code."""

    INSERT = "insert", pgettext_lazy("what was done", "Created")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Deleted")
    IMPORT = "import", _("Imported")
    BULK = "bulk", _("Created in bulk")
    LOGIN = "login", _("Signed in")
    LOGIN_REFUSED = "login_refused", _("Sign-in refused")
    EXPORT = "export", _("Exported")


# The ones that a row's change causes: no code may claim them (the database function audit_event refuses).
BY_THE_DATABASE = frozenset({Action.INSERT, Action.UPDATE, Action.DELETE, Action.IMPORT, Action.BULK})
