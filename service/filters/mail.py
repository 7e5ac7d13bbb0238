from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, PrefixFilter, TenantFilterSet

from ..choices.mail import InboundReason, InboundState
from ..models import InboundMail


class StateFilter(ChoicesFilter):
    def filter(self, qs, value):
        # Said as the partial index says it.
        return qs.in_quarantine() if value == InboundState.QUARANTINE else super().filter(qs, value)


class InboundMailFilter(TenantFilterSet):
    state = StateFilter(label=_("What became of it"), choices=InboundState.choices)
    reason = ChoicesFilter(label=_("Why"), choices=InboundReason.choices)
    sender_email = PrefixFilter(label=_("Sender's e-mail"))
    received_at = DayRangeFilter(label=_("Received"))

    class Meta:
        model = InboundMail
        fields: list[str] = []

    quick = {"state", "sender_email"}
