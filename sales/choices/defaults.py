"""What a new tenant sells with, in words of its language."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .pipelines import DealStatus


@dataclass(frozen=True)
class DefaultStage:
    name: Promise
    kind: DealStatus
    probability_percent: int


PIPELINE_NAME = _("Sales pipeline")

STAGES = (
    DefaultStage(_("Prospecting"), DealStatus.OPEN, 10),
    DefaultStage(_("Engaging"), DealStatus.OPEN, 30),
    DefaultStage(_("Proposal"), DealStatus.OPEN, 50),
    DefaultStage(_("Negotiation"), DealStatus.OPEN, 75),
    DefaultStage(pgettext_lazy("deal", "Won"), DealStatus.WON, 100),
    DefaultStage(pgettext_lazy("deal", "Lost"), DealStatus.LOST, 0),
)

LOST_REASONS = (
    _("Price too high"),
    _("Chose a competitor"),
    _("No budget"),
    _("No decision"),
    _("Requirements not met"),
    _("Delivery too slow"),
    _("Contact lost"),
)
