"""What segments may ask of what customers bought, as the analysis last computed it."""

from django.utils.translation import gettext_lazy as _

from crm.segmentable import AmountTrait, ChoiceTrait, CountTrait, of, register

from .choices.rfm import RfmSegment
from .models import CustomerRfm

PURCHASES = _("Purchases")

register(
    AmountTrait("analytics.spent", _("Total spent"), "total_amount", group=PURCHASES, through=of(CustomerRfm)),
    CountTrait(
        "analytics.purchases", _("Number of purchases"), "purchase_count", group=PURCHASES, through=of(CustomerRfm)
    ),
    ChoiceTrait(
        "analytics.rfm", _("RFM segment"), "segment", RfmSegment.choices, group=PURCHASES, through=of(CustomerRfm)
    ),
)
