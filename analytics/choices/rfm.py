from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# A score of the upper two fifths counts as high.
HIGH = 4


class RfmSegment(models.TextChoices):
    """What buyers are called by three answers: bought lately, often, for much."""

    CHAMPIONS = "champions", pgettext_lazy("customers", "Champions")
    PROMISING = "promising", pgettext_lazy("customers", "Promising")
    SLIPPING = "slipping", pgettext_lazy("customers", "Slipping away")
    WIN_BACK = "win_back", pgettext_lazy("customers", "To win back")
    LOYAL = "loyal", pgettext_lazy("customers", "Loyal")
    NEWCOMERS = "newcomers", pgettext_lazy("customers", "Newcomers")
    COOLING = "cooling", pgettext_lazy("customers", "Cooling off")
    DORMANT = "dormant", pgettext_lazy("customers", "Dormant")

    @property
    def meaning(self) -> str:
        return str(_MEANINGS[self])


# (lately, often, much)
SEGMENT_OF: Mapping[tuple[bool, bool, bool], RfmSegment] = {
    (True, True, True): RfmSegment.CHAMPIONS,
    (True, False, True): RfmSegment.PROMISING,
    (False, True, True): RfmSegment.SLIPPING,
    (False, False, True): RfmSegment.WIN_BACK,
    (True, True, False): RfmSegment.LOYAL,
    (True, False, False): RfmSegment.NEWCOMERS,
    (False, True, False): RfmSegment.COOLING,
    (False, False, False): RfmSegment.DORMANT,
}

_MEANINGS: Mapping[RfmSegment, Promise] = {
    RfmSegment.CHAMPIONS: _("Bought lately, buy often and spend much."),
    RfmSegment.PROMISING: _("Bought lately and spent much, in few purchases."),
    RfmSegment.SLIPPING: _("Bought often and spent much, but not lately."),
    RfmSegment.WIN_BACK: _("Spent much in few purchases, the last of them long ago."),
    RfmSegment.LOYAL: _("Bought lately and buy often, for small amounts."),
    RfmSegment.NEWCOMERS: _("Bought lately, for small amounts and not often so far."),
    RfmSegment.COOLING: _("Bought often for small amounts, but not lately."),
    RfmSegment.DORMANT: _("Bought little and seldom, and not lately."),
}
