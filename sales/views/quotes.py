from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.errors import QuoteLocked
from crm.files.responses import download
from crm.pages import submitted
from crm.pages.assigning import AssignPage
from crm.pages.ids import is_id
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, ObjectPage, Page, PageAction
from crm.pages.views.list import Empty, ReadyView
from customers.models import Contact, Customer

from ..bulk import quotes as bulk
from ..choices.quotes import QuoteStatus
from ..document_search import filter_quotes_by_search
from ..filters.quotes import QuoteFilter
from ..forms.quote_lines import rows_sent
from ..forms.quotes import AcceptForm, DeclineForm, QuoteForm, SendForm
from ..models import Deal, Quote
from ..operations.deals import win_deal
from ..operations.quotes import (
    assign_quotes,
    copy_quote,
    decide_quote,
    delete_quote,
    quote_settings,
    reopen_quote,
    save_quote,
)
from ..operations.sending import PDF, print_quote, send_quote
from ..quote_document import file_name
from ..quote_editing import rearranged, step_of
from ..tables.quotes import QuoteTable


class QuoteList(ListPage):
    model = Quote
    kind = "quotes"
    table = QuoteTable
    filterset = QuoteFilter
    bulk_actions = (bulk.QuotesAssign,)
    ready_views = (
        ReadyView(_("Waiting for an answer"), "status=sent"),
        ReadyView(_("Drafts"), "status=draft"),
        ReadyView(_("Accepted"), "status=accepted"),
        ReadyView(_("Mine"), "owner=me"),
    )
    empty = Empty(
        _("No quotes yet"),
        _("A quote says what you offer a customer and at what price. Write the first one here, or from a deal."),
        icon="file-invoice",
    )

    def get_queryset(self):
        return self.tenant.quotes.all()

    def pick(self, rows, text):
        return filter_quotes_by_search(rows, text).order_by("-updated_at", "-pk")


class QuoteDetail(DetailPage):
    model = Quote
    table = QuoteTable
    template_name = "sales/quote_detail.html"
    sections = (
        (_("For whom"), ["customer", "contact", "deal", "owner"]),
        (_("Conditions"), ["issued_on", "expires_on", "language"]),
        (_("What became of it"), ["sent_at", "sent_to", "decided_at", "decision_note"]),
        (_("Details"), ["created_by", "created_at", "updated_at"]),
        (_("Internal note"), ["note"]),
    )
    actions = (
        PageAction("send", _("Send"), "send", is_primary=True),
        PageAction("accept", _("Accepted"), "thumb-up", permission="send", is_primary=True),
        PageAction("decline", _("Declined"), "mood-sad", permission="send"),
        PageAction("pdf", _("PDF"), "file-type-pdf", permission="view"),
        PageAction("revise", _("New version"), "versions", permission="send"),
        PageAction("duplicate", _("Duplicate"), "copy", permission="create", is_rare=True),
        PageAction("reopen", _("Take the answer back"), "arrow-back-up", permission="send", is_rare=True),
        PageAction("assign", _("Change owner"), "user-share", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.quotes.select_related("customer", "contact", "deal", "owner", "created_by")

    def buttons(self):
        quote = cast(Quote, self.object)
        senseless = {self.url(verb, quote) for verb in _senseless(quote)}
        return [button for button in super().buttons() if button.url not in senseless]

    def get_context(self, **context: Any) -> dict[str, Any]:
        quote = cast(Quote, self.object)
        lines = list(quote.lines.select_related("product").order_by("pos", "id"))
        versions = Quote.objects.filter(series=quote.series).exclude(pk=quote.pk).order_by("-revision")
        return super().get_context(
            lines=lines,
            totals=quote.totals(lines),
            shows_discounts=any(line.discount_bp for line in lines),
            versions=list(visible(self.membership, Quote).filter(pk__in=versions.values("pk")).order_by("-revision")),
            today=timezone.localdate(),
            **context,
        )


def _senseless(quote: Quote) -> set[str]:
    """What cannot be done with a quote as it stands."""
    verbs = set()
    if quote.is_draft:
        verbs |= {"revise"}
    else:
        verbs |= {"send", "edit", "delete"}
    if not quote.is_waiting:
        verbs |= {"accept", "decline"}
    if quote.status not in (QuoteStatus.ACCEPTED, QuoteStatus.DECLINED):
        verbs |= {"reopen"}
    return verbs


class QuoteEdit(EditPage):
    """The whole quote on one page: head, lines, discount. Buttons of the lines redraw it and save nothing."""

    model = Quote
    form = QuoteForm
    template_name = "sales/quote_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.is_new and not cast(Quote, self.object).is_draft:
            raise QuoteLocked
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = step_of(request.POST)
        if step is None:
            return super().post(request, *args, **kwargs)
        form = cast(QuoteForm, self._form(request.POST))
        form.keep_as_typed(rearranged(rows_sent(request.POST), step, form.blank_row()))
        return self._page(form, once=request.POST.get(submitted.FIELD) or submitted.new_token())

    def get_initial(self) -> dict[str, Any]:
        settings, today = quote_settings(), timezone.localdate()
        usual = {
            "owner": self.membership.user_id,
            "language": self.tenant.language,
            "issued_on": today,
            "expires_on": today + timedelta(days=settings.validity_days),
            "is_tax_included": settings.is_tax_included,
            "introduction": settings.introduction,
            "terms": settings.terms,
        }
        return usual | self._begun_from() | super().get_initial()

    def _begun_from(self) -> dict[str, Any]:
        """What is known already when the quote begins at a deal, a contact or a customer."""
        known: dict[str, Any] = {}
        deal = self._named("deal", Deal)
        if deal:
            known |= {
                "customer": deal.customer_id,
                "contact": deal.contact_id,
                "title": deal.name,
                "currency": deal.currency,
            }
        contact = self._named("contact", Contact)
        if contact:
            known["customer"] = contact.customer_id
        customer = self._named("customer", Customer)
        customer_id = customer.pk if customer else known.get("customer")
        before = Quote.objects.filter(customer=customer_id).newest_first().first() if customer_id else None
        if before:
            known["language"] = before.language
        return known

    def _named(self, name: str, model: type) -> Any:
        pk = self.request.GET.get(name, "")
        return visible(self.membership, model).filter(pk=pk).first() if is_id(pk) else None

    def save(self, form):
        return save_quote(quote=form.instance, lines=form.cleaned_data["lines"], user=self.request.user)


class QuoteLines(Page):
    """What the lines come to while they are written: the rows drawn anew after a button, else the sums alone."""

    model = Quote
    permission = "create"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = step_of(request.POST)
        form = QuoteForm(request.POST, instance=Quote(), membership=self.membership)
        rows = rows_sent(request.POST)
        form.keep_as_typed(rearranged(rows, step, form.blank_row()) if step else rows)
        template = "sales/quote_lines.html" if step else "sales/quote_sums.html"
        return self.render(template=template, form=form, is_part=True)


class QuoteDelete(DeletePage):
    model = Quote

    def delete(self, obj):
        delete_quote(quote=obj)


class QuotePdf(ObjectPage):
    """What the customer got; of a draft, what they would get."""

    model = Quote

    def get_queryset(self):
        return self.tenant.quotes.select_related("customer", "contact", "owner", "document")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:
        quote = cast(Quote, self.object)
        if quote.document:
            return download(quote.document)
        content = BytesIO(print_quote(quote=quote, tenant=self.tenant))
        response = FileResponse(content, as_attachment=True, filename=file_name(quote), content_type=PDF)
        response["Cache-Control"] = "private, no-store"
        return response


class QuoteSend(ActionPage):
    model = Quote
    form = SendForm
    permission = "send"
    label = _("Send the quote")
    template_name = "sales/quote_send.html"

    def get_queryset(self):
        return self.tenant.quotes.select_related("customer", "contact")

    def get_initial(self):
        quote = cast(Quote, self.object)
        contact = quote.contact
        with override(quote.language):
            name = contact.name if contact else quote.customer.name
            message = gettext(
                "Hello %(name)s,\n\nplease find our quote %(number)s attached. "
                "If anything is unclear, just answer this mail."
            ) % {"name": name, "number": quote.number}
        return {"to": (contact.email if contact else "") or quote.customer.email, "message": message}

    def act(self, obj, data):
        send_quote(
            quote=obj, tenant=self.tenant, user=self.request.user, to=data["to"], message=data["message"].strip()
        )
        done = gettext("The quote was sent.") if data["to"] else gettext("Noted as handed over.")
        messages.success(self.request, done)


class _Decision(ActionPage):
    model = Quote
    permission = "send"
    status: QuoteStatus

    def act(self, obj, data):
        decide_quote(quote=obj, status=self.status, note=data["note"].strip(), user=self.request.user)


class QuoteAccept(_Decision):
    form = AcceptForm
    label = _("The customer accepts")
    done = _("Congratulations! The quote is accepted.")
    status = QuoteStatus.ACCEPTED

    @cached_property
    def deal(self) -> Deal | None:
        """The quote's deal, where this person may win it."""
        deal = cast(Quote, self.object).deal
        return deal if deal and deal.is_open and policy_for(Deal).may(self.membership, "edit", deal) else None

    @cached_property
    def bound_form(self):
        form = cast(AcceptForm, super().bound_form)
        if self.deal:
            form.offer_deal()
        return form

    def act(self, obj, data):
        super().act(obj, data)
        if data.get("win") and self.deal:
            same = self.deal.currency == obj.currency
            win_deal(deal=self.deal, user=self.request.user, amount=obj.total_amount if same else None)


class QuoteDecline(_Decision):
    form = DeclineForm
    label = _("The customer declines")
    done = _("Noted: the quote was declined.")
    status = QuoteStatus.DECLINED


class QuoteReopen(ActionPage):
    model = Quote
    permission = "send"
    label = _("Take the answer back")
    question = _("Was the answer noted by mistake? The quote waits for one again.")
    done = _("The quote waits for an answer again.")

    def act(self, obj, data):
        reopen_quote(quote=obj)


class _Copy(ActionPage):
    model = Quote
    adds = True
    as_revision = False

    def act(self, obj, data):
        copy = copy_quote(quote=obj, user=self.request.user, as_revision=self.as_revision)
        if not self.policy.sees(self.membership, copy):
            raise PermissionDenied
        return self.url("edit", copy)


class QuoteRevise(_Copy):
    permission = "send"
    label = _("New version")
    question = _(
        "Begin a new version with the same lines? This one stays as it is, and is replaced once that one is sent."
    )
    as_revision = True

    def act(self, obj, data):
        if obj.is_draft:
            return self.url("edit", obj)
        return super().act(obj, data)


class QuoteDuplicate(_Copy):
    permission = "create"
    label = _("Duplicate")
    question = _("Begin a new quote with the same content and a number of its own?")


class QuoteAssign(AssignPage):
    model = Quote
    done = _("The quote has changed hands.")

    def assign(self, rows, owner):
        assign_quotes(quotes=rows, owner=owner)
