"""Passwords that are long enough and still on every attacker's list."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_LEET = str.maketrans("0134578@$!", "oieastbasi")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class LongEnoughPasswordValidator(MinimumLengthValidator):
    """Django's, with the sentence that its Chinese catalogue has: 5.2 says another one that is not translated."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short. It must contain at least %(min_length)d character.",
            "This password is too short. It must contain at least %(min_length)d characters.",
            self.min_length,
        ) % {"min_length": self.min_length}


class DressedUpPasswordValidator(CommonPasswordValidator):
    """Refuse a common password that was only padded, doubled or spelled with digits: `Passw0rd!2026`, `qwertyqwerty`.

    The list is the one of 20,000 breached passwords that comes with Django.
    """

    def validate(self, password, user=None):
        if any(core in self.passwords for core in _cores(password.lower().strip())):
            raise ValidationError(
                _("This is a common password with something added. Use several words that do not belong together."),
                code="password_dressed_up",
            )

    def get_help_text(self):
        return _("Your password must not be a common one, also not with digits or signs added.")


def _cores(password: str) -> set[str]:
    # Letters may hide behind digits at the ends too, so both orders count: "passw0rd1" and "p@ssword!".
    stripped = _ENDS.sub("", password)
    spelled = {password, stripped, stripped.translate(_LEET), _ENDS.sub("", password.translate(_LEET))}
    halves = {word[: len(word) // 2] for word in spelled if len(word) % 2 == 0 and word[: len(word) // 2] * 2 == word}
    return {core for core in spelled | halves if len(core) >= 4}
