from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, PrefixFilter, TenantFilterSet

from ..choices.mail import InboundReason, InboundState
from ..models import InboundMail


class InboundMailFilter(TenantFilterSet):
    state = ChoicesFilter(label=_("What became of it"), choices=InboundState.choices)
    reason = ChoicesFilter(label=_("Why"), choices=InboundReason.choices)
    sender_email = PrefixFilter(label=_("Sender's e-mail"))
    received_at = DayRangeFilter(label=_("Received"))

    class Meta:
        model = InboundMail
        fields: list[str] = []

    quick = {"state", "sender_email"}
