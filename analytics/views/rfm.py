from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for
from crm.jobs.models import Job
from crm.pages import formats
from crm.pages.views import ListPage, ReadyView
from crm.pages.views.base import Page
from crm.pages.views.list import Empty
from customers.models import Customer

from ..choices.rfm import RfmSegment
from ..filters.rfm import CustomerRfmFilter
from ..models import AnalyticsRun, CustomerRfm, RfmSummary
from ..operations.rfm import begin_computing
from ..querysets.rfm import Figures
from ..tables.rfm import CustomerRfmTable


class CustomerAnalysis(ListPage):
    """Those who have bought, by segment; above them the figures of all, or of the segment that is chosen."""

    model = CustomerRfm
    kind = "customer_analysis"
    table = CustomerRfmTable
    filterset = CustomerRfmFilter
    title = _("Customer analysis")
    intro_template = "analytics/customer_figures.html"
    empty = Empty(
        _("Nothing to analyse yet"),
        _("Customers show here once they have bought something and the analysis has run, as it does every night."),
        icon="chart-pie",
    )

    def get_queryset(self):
        return self.tenant.customer_rfm.with_day()

    def get_ready_views(self) -> Sequence[ReadyView]:
        return [
            ReadyView(f"{segment.label} {formats.number(self._by_segment[segment].customers)}", f"segment={segment}")
            for segment in RfmSegment
            if segment in self._by_segment
        ]

    # What the template asks

    @cached_property
    def run(self) -> AnalyticsRun | None:
        return AnalyticsRun.objects.filter(name=AnalyticsRun.RFM, computed_at__isnull=False).first()

    @property
    def currency(self) -> str:
        return self.run.currency if self.run else self.tenant.currency

    @property
    def segment(self) -> RfmSegment | None:
        chosen = self.current.data.get("segment", "")
        return RfmSegment(chosen) if chosen in RfmSegment.values else None

    @property
    def figures(self) -> Figures | None:
        if self.segment:
            return self._by_segment.get(self.segment)
        return reduce(add, self._by_segment.values()) if self._by_segment else None

    @cached_property
    def _by_segment(self) -> dict[str, Figures]:
        people = policy_for(Customer).people(self.membership)
        return RfmSummary.objects.of_people(people).by_segment()

    @property
    def may_compute(self) -> bool:
        return self.policy.allows(self.membership, "compute")


class RfmCompute(Page):
    """Begin the analysis now, instead of waiting for the night."""

    model = CustomerRfm
    permission = "compute"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        job, is_new = begin_computing(tenant=self.tenant, user=self.request.user)
        if is_new or policy_for(Job).sees(self.membership, job):
            return redirect(job)
        messages.info(request, gettext("The analysis is running already. Look again in a minute."))
        return redirect("analytics:customerrfm_list")
