from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for
from crm.pages.assigning import AssignPage
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty, ReadyView

from ..bulk import leads as bulk
from ..choices.leads import DiscardReason, LeadStatus
from ..duplicates import find_duplicates, similar_leads
from ..filters.leads import LeadFilter
from ..forms.leads import OTHER, ConvertForm, DiscardForm, LeadForm
from ..models import Lead
from ..operations.leads import (
    assign_leads,
    convert_lead,
    delete_leads,
    discard_lead,
    new_deal,
    reopen_lead,
    save_lead,
)
from ..tables.leads import LeadTable


class LeadList(ListPage):
    model = Lead
    kind = "leads"
    table = LeadTable
    filterset = LeadFilter
    bulk_actions = (bulk.LeadsAssign, bulk.LeadsDiscard, bulk.LeadsDelete)
    ready_views = (
        ReadyView(_("My new leads"), "owner=me&status=new"),
        ReadyView(pgettext_lazy("lead", "New"), "status=new"),
        ReadyView(_("Nobody's"), "owner=nobody"),
    )
    empty = Empty(
        _("No leads yet"),
        _("A lead is somebody who may become a customer. Enter the first one, or import a file."),
        icon="user-search",
    )

    def get_queryset(self):
        return self.tenant.leads.all()


class LeadDetail(DetailPage):
    model = Lead
    table = LeadTable
    template_name = "sales/lead_detail.html"
    sections = (
        (_("How to reach them"), ["phone", "email", "wechat", "website", "city", "address"]),
        (_("How it stands"), ["owner", "next_contact_on", "source", "discard_reason"]),
        (_("Who they are"), ["company", "title", "industry", "external_id", "created_by", "created_at", "updated_at"]),
        (_("Note"), ["note"]),
    )
    actions = (
        PageAction("convert", _("Convert"), "transform", is_primary=True),
        PageAction("discard", _("Discard"), "circle-x", permission="edit"),
        PageAction("reopen", _("Reopen"), "arrow-back-up", permission="edit", is_primary=True),
        PageAction("assign", _("Change owner"), "user-share", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.leads.select_related("owner", "created_by", "converted_by", "customer", "contact", "deal")

    def buttons(self):
        lead = cast(Lead, self.object)
        senseless = {"convert", "discard"} if not lead.is_open else set()
        if lead.status != LeadStatus.DISCARDED:
            senseless.add("reopen")
        hidden = {self.url(verb, lead) for verb in senseless}
        return [button for button in super().buttons() if button.url not in hidden]

    def get_context(self, **context: Any) -> dict[str, Any]:
        lead = cast(Lead, self.object)
        return super().get_context(
            duplicates=find_duplicates(self.membership, lead) if lead.is_open else None,
            similar=similar_leads(self.membership, lead),
            became=self._became(lead),
            **context,
        )

    def _became(self, lead: Lead) -> list[Any]:
        """What it was converted to, as far as the member sees it."""
        records = [record for record in (lead.customer, lead.contact, lead.deal) if record is not None]
        return [record for record in records if policy_for(record).may(self.membership, "view", record)]


class LeadEdit(EditPage):
    model = Lead
    form = LeadForm

    def get_initial(self):
        return {"owner": self.membership.user_id} | super().get_initial()

    def save(self, form):
        return save_lead(lead=form.instance, user=self.request.user)


class LeadDelete(DeletePage):
    model = Lead

    def delete(self, obj):
        delete_leads(leads=Lead.objects.filter(pk=obj.pk))


class LeadAssign(AssignPage):
    model = Lead
    done = _("The lead has changed hands.")

    def assign(self, rows, owner):
        assign_leads(leads=rows, owner=owner)


class LeadConvert(ActionPage):
    model = Lead
    form = ConvertForm
    template_name = "sales/lead_convert.html"
    permission = "convert"
    label = _("Convert")
    done = _("The lead is a customer now.")
    adds = True

    def get(self, request, *args, **kwargs):
        lead = cast(Lead, self.object)
        if not lead.is_converted:
            return super().get(request, *args, **kwargs)
        messages.info(request, gettext("This lead was converted already."))
        return redirect(self._page_of(lead.customer) or self.get_success_url())

    def get_title(self):
        return gettext("Convert “%(name)s”") % {"name": self.object}

    @cached_property
    def bound_form(self):
        lead = cast(Lead, self.object)
        data = self.request.POST if self.request.method == "POST" else None
        return ConvertForm(data, membership=self.membership).about(lead, find_duplicates(self.membership, lead))

    def act(self, obj, data):
        candidate = self.bound_form.candidate
        customer = candidate.customer if candidate else data["customer"] if data["target"] == OTHER else None
        lead = convert_lead(
            lead=obj,
            user=self.request.user,
            customer=customer,
            contact=candidate.contact if candidate else None,
            deal=self._deal(obj, data) if data["with_deal"] else None,
        )
        return self._page_of(lead.deal) or self._page_of(lead.customer) or self.get_success_url()

    def _deal(self, lead: Lead, data):
        return new_deal(
            name=data["deal_name"],
            stage=data["stage"],
            amount=data["amount"],
            currency=data["currency"],
            owner=lead.owner or self.request.user,
            expected_close_on=data["expected_close_on"],
        )

    def _page_of(self, record) -> str:
        """The record's page, for whoever may see it."""
        seen = record is not None and policy_for(record).may(self.membership, "view", record)
        return record.get_absolute_url() if seen else ""


class LeadDiscard(ActionPage):
    model = Lead
    form = DiscardForm
    permission = "edit"
    label = _("Discard")
    done = _("The lead was discarded.")

    def act(self, obj, data):
        discard_lead(lead=obj, reason=DiscardReason(data["reason"]))


class LeadReopen(ActionPage):
    model = Lead
    permission = "edit"
    label = _("Reopen")
    question = _("Is something to come of this lead after all?")
    done = _("The lead is open again.")

    def act(self, obj, data):
        reopen_lead(lead=obj)
