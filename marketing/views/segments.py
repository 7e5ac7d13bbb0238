from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.errors import CrmError
from crm.pages import submitted
from crm.pages.conflicts import BEGINNING
from crm.pages.request import MemberRequest
from crm.pages.views import DeletePage, DetailPage, EditPage, ListPage
from crm.pages.views.base import MemberPage
from crm.pages.views.list import Empty
from crm.segmentable.conditions import UnknownCondition
from crm.tenancy.urls import tenant_reverse
from customers.models import Customer

from .. import filters, forms, tables
from ..builder import CHANGE, ConditionsField, ConditionsWidget, State, read_state, said
from ..counting import Reach, reach_of, reaches_of
from ..models import Campaign, Segment
from ..models.segments import fitting
from ..operations import save_segment

SHOWN = 8
FIELD = "conditions"


class SegmentList(ListPage):
    model = Segment
    kind = "segments"
    table = tables.SegmentTable
    filterset = filters.SegmentListFilter
    empty = Empty(
        _("No segments yet"),
        _("A segment is a group of customers by what is known of them: active ones in Leeds not visited for 90 days."),
        icon="users-group",
    )

    def get_queryset(self):
        return self.tenant.segments.all()


class SegmentDetail(DetailPage):
    model = Segment
    table = tables.SegmentTable
    template_name = "marketing/segment_detail.html"
    sections = (("", ["note", "created_by", "created_at", "updated_at"]),)

    def get_queryset(self):
        return self.tenant.segments.select_related("created_by")

    def get_context(self, **context: Any) -> dict[str, Any]:
        segment = cast(Segment, self.object)
        try:
            conditions = segment.read()
        except UnknownCondition as error:
            return super().get_context(problem=str(error), **context)
        rows = fitting(conditions, self.membership)
        reach, reachable = reaches_of(rows, rows.exclude(email=""))
        found = list(rows.order_by("-updated_at", "-pk")[:SHOWN]) if self._shows_customers else []
        return super().get_context(
            conditions=conditions,
            words=said(conditions, self.tenant),
            reach=reach,
            reachable=reachable,
            customers=found,
            customers_url=tenant_reverse(self.tenant, "customers:customer_list") + f"?segment={segment.pk}",
            campaigns=list(visible(self.membership, Campaign).filter(segment=segment).order_by("-updated_at")[:SHOWN]),
            may_write=policy_for(Campaign).allows(self.membership, "create"),
            **context,
        )

    @property
    def _shows_customers(self) -> bool:
        return policy_for(Customer).allows(self.membership, "view")


class SegmentEdit(EditPage):
    model = Segment
    form = forms.SegmentForm
    template_name = "marketing/segment_form.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        change = request.POST.get(CHANGE)
        return super().post(request, *args, **kwargs) if change is None else self._reshaped(change)

    def save(self, form):
        return save_segment(segment=form.instance, user=self.request.user)

    def _reshaped(self, change: str) -> HttpResponse:
        """A row more or less, without scripts: the same page, with all that was typed and nothing judged yet."""
        data = self.request.POST
        state = State.sent(data, FIELD).changed(change)
        typed = {name: data.get(name, "") for name in ("name", "note", "version")}
        form = self.form(instance=self.object, initial=typed | {FIELD: state}, membership=self.membership)
        # What the person saw when they began, not what is there now.
        form.initial = {**form.initial, **typed}
        token = submitted.read_token(data.get(submitted.FIELD)) or submitted.new_token() if self.is_new else ""
        return self.render(
            form=form,
            errors=[],
            beginning=data.get(BEGINNING, ""),
            once=token,
            reach=_reach(state, self.membership),
        )

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {"reach": None} | super().get_context(**context)


class SegmentConditions(MemberPage):
    """The rows and the count while somebody puts conditions together. Changes nothing."""

    http_method_names = ["post"]

    def check_access(self) -> None:
        policy = policy_for(Segment)
        if not (policy.allows(self.membership, "create") or policy.allows(self.membership, "edit")):
            raise PermissionDenied

    @cached_property
    def state(self) -> State:
        data = cast(QueryDict, self.request.POST)
        return State.sent(data, FIELD).changed(data.get(CHANGE, ""))

    def post(self, request: MemberRequest) -> HttpResponse:
        reach = _reach(self.state, self.membership)
        if request.htmx.target == "segment-count":
            return self.render(template="marketing/segment_count.html", reach=reach)
        widget = ConditionsField().widget
        assert isinstance(widget, ConditionsWidget)
        widget.membership = self.membership
        drawn = widget.drawn(FIELD, self.state)
        return self.render(template="marketing/conditions_and_count.html", reach=reach, is_oob=True, **drawn)


class SegmentDelete(DeletePage):
    model = Segment


def _reach(state: State, membership) -> Reach | None:
    """How many fit what is complete so far; None while it cannot be said."""
    conditions, _errors = read_state(state, membership, strict=False)
    try:
        return reach_of(fitting(conditions, membership))
    except CrmError:
        return None
