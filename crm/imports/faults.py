"""Why a row, or a cell of it, was not imported. Codes are stored; their words are chosen when they are shown."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fault(models.TextChoices):
    TOO_MANY_CELLS = "too_many_cells", _("The row has more cells than the heading. Is a quotation mark missing?")
    REQUIRED = "required", _("This must be filled in.")
    TOO_LONG = "too_long", _("The text is too long.")
    BAD_PHONE = "bad_phone", _("This is not a telephone number of up to 20 digits.")
    BAD_EMAIL = "bad_email", _("This is not an e-mail address, such as name@example.com.")
    BAD_URL = "bad_url", _("This is not a web address, such as https://example.com.")
    BAD_DATE = "bad_date", _("This is not a date, such as 2026-03-31.")
    BAD_TIME = "bad_time", _("This is not a date with a time, such as 2026-03-31 14:30.")
    BAD_NUMBER = "bad_number", _("This is not a whole number.")
    BAD_AMOUNT = "bad_amount", _("This is not an amount, such as 1,250.50.")
    BAD_QUANTITY = "bad_quantity", _("This is not a quantity, such as 12 or 1.5.")
    BAD_PERCENT = "bad_percent", _("This is not a share, such as 13 %.")
    BAD_CHOICE = "bad_choice", _("This word is not one of the choices.")
    BAD_YES_NO = "bad_yes_no", _("Write yes or no.")
    NO_MEMBER = "no_member", _("Nobody of this team has that e-mail address or name.")
    TWO_MEMBERS = "two_members", _("Several people have this name. Write the e-mail address.")
    NOT_FOUND = "not_found", _("There is no such record.")
    AMBIGUOUS = "ambiguous", _("Several records fit, so it is not clear which one is meant.")
    TWICE_IN_FILE = "twice_in_file", _("An earlier row of this file has the same value.")
    TAKEN = "taken", _("Another record already has this value.")
    NOT_YOURS = "not_yours", _("A record that you may not change has the same value.")


class Invalid(Exception):
    """A cell that cannot be stored as what its column is for."""

    def __init__(self, code: Fault) -> None:
        super().__init__(code)
        self.code = code
