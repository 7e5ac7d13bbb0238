from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.pages.assigning import AssignPage
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty, ReadyView

from ..bulk import deals as bulk
from ..filters.deals import DealFilter
from ..forms.deals import DealForm, DealMoveForm, LoseForm, WinForm
from ..models import Deal
from ..operations.deals import (
    assign_deals,
    delete_deals,
    lose_deal,
    move_deal,
    reopen_deal,
    save_deal,
    win_deal,
)
from ..tables.deals import DealTable

HISTORY_LENGTH = 30


class DealList(ListPage):
    model = Deal
    kind = "deals"
    table = DealTable
    filterset = DealFilter
    bulk_actions = (bulk.DealsAssign, bulk.DealsMove, bulk.DealsDelete)
    ready_views = (
        ReadyView(_("My open deals"), "owner=me&status=open"),
        ReadyView(pgettext_lazy("deal", "Open"), "status=open"),
        ReadyView(pgettext_lazy("deal", "Won"), "status=won"),
        ReadyView(pgettext_lazy("deal", "Lost"), "status=lost"),
    )
    empty = Empty(
        _("No deals yet"),
        _("A deal is a sale in the making. Enter the first one, convert a lead, or import a file."),
        icon="target-arrow",
    )

    def get_queryset(self):
        return self.tenant.deals.all()

    def sort_for(self, data):
        """Days that are asked for put the list into their order, which their index serves."""
        if data.get("closed_at_from") or data.get("closed_at_to"):
            return "-closed_at"
        if data.get("expected_close_on_from") or data.get("expected_close_on_to"):
            return "expected_close_on"
        return ""


class DealDetail(DetailPage):
    model = Deal
    table = DealTable
    template_name = "sales/deal_detail.html"
    sections = (
        (_("About the deal"), ["customer", "contact", "product", "amount", "owner"]),
        (_("How it stands"), ["pipeline", "opened_on", "expected_close_on", "closed_at", "lost_reason", "lost_note"]),
        (_("Details"), ["external_id", "created_by", "created_at", "updated_at"]),
        (_("Note"), ["note"]),
    )
    actions = (
        PageAction("win", pgettext_lazy("deal", "Won"), "trophy", permission="edit", is_primary=True),
        PageAction("lose", pgettext_lazy("deal", "Lost"), "mood-sad", permission="edit"),
        PageAction("reopen", _("Reopen"), "arrow-back-up", permission="edit", is_primary=True),
        PageAction("move", _("Change stage"), "arrow-right-circle", permission="edit", is_rare=True),
        PageAction("assign", _("Change owner"), "user-share", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.deals.select_related(
            "customer", "contact", "product", "stage", "pipeline", "owner", "created_by", "lost_reason"
        )

    def buttons(self):
        deal = cast(Deal, self.object)
        senseless = {"win", "lose"} if not deal.is_open else {"reopen"}
        hidden = {self.url(verb, deal) for verb in senseless}
        return [button for button in super().buttons() if button.url not in hidden]

    def get_context(self, **context: Any) -> dict[str, Any]:
        deal = cast(Deal, self.object)
        changes = list(
            deal.stage_changes.select_related("from_stage", "to_stage", "by").order_by("-at", "-id")[
                : HISTORY_LENGTH + 1
            ]
        )
        return super().get_context(
            path=list(deal.pipeline.stages.open().active().in_order()) if deal.is_open else [],
            may_move=self.policy.allows(self.membership, "edit", deal),
            changes=changes[:HISTORY_LENGTH],
            history_goes_on=len(changes) > HISTORY_LENGTH,
            first_stage=changes[-1].from_stage if changes else deal.stage,
            now=timezone.now(),
            **context,
        )


class DealEdit(EditPage):
    model = Deal
    form = DealForm

    def get_initial(self):
        return {"owner": self.membership.user_id} | super().get_initial()

    def save(self, form):
        return save_deal(deal=form.instance, stage=form.cleaned_data["stage"], user=self.request.user)


class DealDelete(DeletePage):
    model = Deal

    def delete(self, obj):
        delete_deals(deals=Deal.objects.filter(pk=obj.pk))


class DealAssign(AssignPage):
    model = Deal
    done = _("The deal has changed hands.")

    def assign(self, rows, owner):
        assign_deals(deals=rows, owner=owner)


class DealMove(ActionPage):
    """Another stage by a plain form; the board does the same by dragging."""

    model = Deal
    form = DealMoveForm
    permission = "edit"
    label = _("Change stage")
    done = _("The deal was moved.")

    def get_initial(self):
        deal = cast(Deal, self.object)
        return {"stage": deal.stage_id, "seen_in": deal.stage_id}

    def act(self, obj, data):
        move_deal(
            deal=obj,
            stage=data["stage"],
            user=self.request.user,
            seen_in=data["seen_in"],
            above=data["above"],
            lost_reason=data["lost_reason"],
        )


class _DealClose(ActionPage):
    model = Deal
    permission = "edit"

    def get_initial(self):
        return {"closed_on": timezone.localdate(), "amount": cast(Deal, self.object).amount}

    @cached_property
    def bound_form(self):
        data = self.request.POST if self.request.method == "POST" else None
        deal = cast(Deal, self.object)
        assert self.form is not None
        return self.form(data, membership=self.membership, initial=self.get_initial(), currency=deal.currency)


class DealWin(_DealClose):
    form = WinForm
    label = pgettext_lazy("deal", "Won")
    done = _("Congratulations, the deal is won.")

    def get_title(self):
        return _("Win “%(name)s”") % {"name": self.object}

    def act(self, obj, data):
        win_deal(deal=obj, user=self.request.user, **data)


class DealLose(_DealClose):
    form = LoseForm
    label = pgettext_lazy("deal", "Lost")
    done = _("The deal is closed as lost.")

    def get_title(self):
        return _("Close “%(name)s” as lost") % {"name": self.object}

    def act(self, obj, data):
        lose_deal(
            deal=obj,
            user=self.request.user,
            reason=data["lost_reason"],
            note=data["lost_note"],
            closed_on=data["closed_on"],
        )


class DealReopen(ActionPage):
    model = Deal
    permission = "edit"
    label = _("Reopen")
    question = _("Is the deal open again? It goes back to the stage it was in before.")
    done = _("The deal is open again.")

    def act(self, obj, data):
        reopen_deal(deal=obj, user=self.request.user)
