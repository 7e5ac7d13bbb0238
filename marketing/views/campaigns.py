from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for
from crm.errors import CampaignElsewhere, CrmError
from crm.pages import formats
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.base import ObjectPage
from crm.pages.views.list import Empty

from .. import filters, forms, operations, tables
from ..choices import CampaignState
from ..content import Content
from ..counting import Reach, reach_of, reaches_of
from ..models import Campaign, Send
from ..report import read_report
from .templates import Preview, chosen_customer, shown_mail, try_out


class CampaignList(ListPage):
    model = Campaign
    kind = "campaigns"
    table = tables.CampaignTable
    filterset = filters.CampaignFilter
    empty = Empty(
        _("No campaigns yet"),
        _("A campaign sends one mail to a segment, and shows who opened it, who clicked and who wants no more."),
        icon="speakerphone",
    )

    def get_queryset(self):
        # What was sent is long, and no list shows it.
        return self.tenant.campaigns.defer("html", "text")


class CampaignDetail(DetailPage):
    """Before it goes out: who would get what. Afterwards: what became of it."""

    model = Campaign
    table = tables.CampaignTable
    template_name = "marketing/campaign_detail.html"
    sections = (
        ("", ["segment", "template", "scheduled_at", "started_at", "finished_at", "sent_by"]),
        (_("Who writes"), ["sender_name", "reply_to"]),
        (_("This entry"), ["created_by", "created_at", "updated_at"]),
    )
    actions = (
        PageAction("send", _("Send…"), "send", is_primary=True),
        PageAction("resume", _("Go on"), "player-play", is_primary=True),
        PageAction("pause", _("Pause"), "player-pause"),
        PageAction("unschedule", _("Do not send"), "calendar-time"),
        PageAction("trial", _("Send it to me"), "mail-forward", permission="test"),
        PageAction("copy", _("Copy"), "copy", is_rare=True),
        PageAction("cancel", _("Stop for good"), "player-stop", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.campaigns.select_related("segment", "template", "sent_by", "created_by")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx.target == "campaign-progress":  # type: ignore[attr-defined]  # as middleware leaves it
            return self._progress(cast(Campaign, self.object))
        return super().get(request, *args, **kwargs)

    def url_if_allowed(self, verb: str, permission: str = "", obj: Any = None) -> str:
        return super().url_if_allowed(verb, permission, obj) if obj is None or obj.may_now(verb) else ""

    def _progress(self, campaign: Campaign) -> HttpResponse:
        """The part that htmx asks for; once more the whole page when the campaign has ended, for its buttons."""
        if campaign.state != CampaignState.SENDING:
            response = HttpResponse(status=204)
            response.headers["HX-Refresh"] = "true"
            return response
        may_see = policy_for(Send).allows(self.membership, "view")
        return render(
            self.request,
            "marketing/campaign_progress.html",
            {"object": campaign, "report": read_report(campaign), "may_see_recipients": may_see},
        )

    def get_context(self, **context: Any) -> dict[str, Any]:
        campaign = cast(Campaign, self.object)
        return super().get_context(
            address=self.url("mail", campaign),
            may_see_recipients=policy_for(Send).allows(self.membership, "view"),
            **(self._report(campaign) if campaign.has_recipients else self._outlook(campaign)),
            **context,
        )

    def _report(self, campaign: Campaign) -> dict[str, Any]:
        return {"report": read_report(campaign), "preview": Preview.of(Content.of_campaign(campaign), self)}

    def _outlook(self, campaign: Campaign) -> dict[str, Any]:
        """What would be sent, and to how many."""
        found: dict[str, Any] = {"report": None, "problem": "", "reach": None, "reachable": None, "preview": None}
        try:
            rows = campaign.segment.members(self.membership)
            found["reach"], found["reachable"] = reaches_of(rows, rows.exclude(email=""))
            found["preview"] = Preview.of(Content.of_campaign(campaign), self)
        except CrmError as error:
            # A condition or a placeholder that nobody knows any more.
            found["problem"] = str(error)
        return found


class CampaignMail(ObjectPage):
    """The mail itself, for the frame in the page of the campaign."""

    model = Campaign

    def get_queryset(self):
        return self.tenant.campaigns.select_related("template")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return shown_mail(Content.of_campaign(cast(Campaign, self.object)), self)


class CampaignEdit(EditPage):
    model = Campaign
    form = forms.CampaignForm

    def get_initial(self):
        mine = {"sender_name": self.tenant.name, "reply_to": self.request.user.email}
        return mine | super().get_initial()

    def save(self, form):
        return operations.save_campaign(campaign=form.instance, user=self.request.user)


class CampaignDelete(DeletePage):
    model = Campaign

    def delete(self, obj):
        operations.delete_campaign(campaign=obj)


class CampaignAction(ActionPage):
    """A step of a campaign. Whoever comes too late for it is told so, before or after pressing the button."""

    model = Campaign

    def get_context(self, **context: Any) -> dict[str, Any]:
        found = super().get_context(**context)
        campaign = cast(Campaign, self.object)
        if self.request.method != "POST" and not campaign.may_now(self.permission):
            found["errors"] = [(None, str(CampaignElsewhere()))]
        return found


class CampaignSend(CampaignAction):
    form = forms.SendForm
    template_name = "marketing/campaign_send.html"
    permission = "send"
    label = _("Send the campaign")

    def get_queryset(self):
        return self.tenant.campaigns.select_related("segment", "template")

    def act(self, obj, data):
        operations.schedule_campaign(campaign=obj, membership=self.membership, at=data["at"])

    def get_context(self, **context: Any) -> dict[str, Any]:
        campaign = cast(Campaign, self.object)
        try:
            reachable: Reach | None = reach_of(campaign.segment.members(self.membership).exclude(email=""))
        except CrmError:
            reachable = None
        return super().get_context(reachable=reachable, **context)


class CampaignUnschedule(CampaignAction):
    permission = "unschedule"
    label = _("Do not send")
    question = _("Shall the campaign not go out, and be a draft again?")
    done = _("The campaign is a draft again.")

    def act(self, obj, data):
        operations.unschedule_campaign(campaign=obj)


class CampaignPause(CampaignAction):
    permission = "pause"
    label = _("Pause")
    question = _("Shall no further mail be sent until you go on? Mails that are on their way arrive.")
    done = _("The campaign is paused.")

    def act(self, obj, data):
        operations.pause_campaign(campaign=obj)


class CampaignResume(CampaignAction):
    permission = "resume"
    label = _("Go on")
    done = _("The campaign goes on.")

    @property
    def question(self) -> str:  # type: ignore[override]  # with a number in it
        left = cast(Campaign, self.object).left_count
        words = ngettext(
            "%(number)s customer is left. Nobody gets the mail a second time.",
            "%(number)s customers are left. Nobody gets the mail a second time.",
            left,
        )
        return words % {"number": formats.number(left)}

    def act(self, obj, data):
        operations.resume_campaign(campaign=obj)


class CampaignCancel(CampaignAction):
    permission = "cancel"
    label = _("Stop for good")
    question = _("Shall the campaign end here? Whoever has not got the mail yet will not get it.")
    done = _("The campaign has ended.")
    is_dangerous = True

    def act(self, obj, data):
        operations.cancel_campaign(campaign=obj)


class CampaignCopy(ActionPage):
    model = Campaign
    form = forms.CopyForm
    permission = "copy"
    label = _("Copy")
    adds = True

    def get_initial(self):
        return {"name": gettext("%(name)s (copy)") % {"name": self.object}}

    def act(self, obj, data):
        return operations.copy_campaign(campaign=obj, name=data["name"], user=self.request.user)


class CampaignTrial(ActionPage):
    model = Campaign
    form = forms.TrialForm
    permission = "test"
    label = _("Send it to me")
    done = _("The mail is on its way to you.")

    def get_queryset(self):
        return self.tenant.campaigns.select_related("template")

    def get_initial(self):
        customer = chosen_customer(self)
        return {"customer": customer.pk if customer else None}

    def act(self, obj, data):
        try_out(Content.of_campaign(obj), data["customer"], self)
