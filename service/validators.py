from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .working_time import BadHours, parse_hours

_WORDS = {
    "unreadable": _("“%(text)s” names no working hours. Write them like 09:00-12:00, 13:00-18:00."),
    "backwards": _("“%(text)s” ends before it begins. Hours past midnight belong to the next day."),
    "overlapping": _("In “%(text)s” one span begins before the one before it has ended."),
}


def validate_hours(text: str) -> None:
    try:
        parse_hours(text)
    except BadHours as error:
        raise ValidationError(_WORDS[error.code], code=error.code, params={"text": error.text}) from error
