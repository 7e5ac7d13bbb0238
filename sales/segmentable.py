"""What segments may ask of a customer's purchases. Sums are in analytics/segmentable.py."""

from django.utils.translation import gettext_lazy as _

from crm.segmentable import LastDayTrait, of, register

from .models import Transaction

register(
    LastDayTrait(
        "sales.last_purchase",
        _("Last purchase"),
        "at",
        is_moment=True,
        group=_("Purchases"),
        # What came back is no purchase.
        through=of(Transaction, amount__gt=0),
    ),
)
