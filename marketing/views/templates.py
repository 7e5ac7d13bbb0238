from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.errors import TrialNotSent
from crm.html import mail_document
from crm.mail.bulk import MailServerGone
from crm.pages.ids import is_id
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.base import ObjectPage
from crm.pages.views.list import Empty
from crm.placeholders import placeholders, reading
from customers.models import Customer

from .. import filters, forms, tables
from ..composing import Composer, trial_token
from ..content import SOURCES, Content
from ..models import EmailTemplate
from ..operations import save_template, send_trial


class TemplatePages:
    """What the pages of templates share: their name in addresses."""

    model: ClassVar[type[Model]] = EmailTemplate
    url_stem: ClassVar[str] = "template"


class TemplateList(TemplatePages, ListPage):
    kind = "email_templates"
    table = tables.EmailTemplateTable
    filterset = filters.EmailTemplateFilter
    empty = Empty(
        _("No e-mail templates yet"),
        _("A template is a mail with placeholders: each customer gets it with their own name in it."),
        icon="template",
    )

    def get_queryset(self):
        return self.tenant.email_templates.all()


class TemplateDetail(TemplatePages, DetailPage):
    table = tables.EmailTemplateTable
    template_name = "marketing/template_detail.html"
    sections = (("", ["language", "created_by", "created_at", "updated_at"]),)
    actions = (PageAction("trial", _("Send it to me"), "mail-forward", permission="test"),)

    def get_queryset(self):
        return self.tenant.email_templates.select_related("created_by")

    def get_context(self, **context: Any) -> dict[str, Any]:
        content = Content.of_template(cast(EmailTemplate, self.object))
        preview = Preview.of(content, self)
        return super().get_context(preview=preview, address=self.url("mail", self.object), **context)


class TemplateMail(TemplatePages, ObjectPage):
    """The mail itself, for the frame in the page of the template."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return shown_mail(Content.of_template(cast(EmailTemplate, self.object)), self)


class TemplateEdit(TemplatePages, EditPage):
    form = forms.EmailTemplateForm
    template_name = "marketing/template_form.html"

    def get_initial(self):
        return {"language": self.tenant.language} | super().get_initial()

    def save(self, form):
        return save_template(template=form.instance, user=self.request.user)

    def get_context(self, **context: Any) -> dict[str, Any]:
        example = gettext("{{ customer.contact|dear customer }}")
        return super().get_context(placeholders=placeholders(*SOURCES), example=example, **context)


class TemplateDelete(TemplatePages, DeletePage):
    """Refused while campaigns use it."""


class TemplateTrial(TemplatePages, ActionPage):
    form = forms.TrialForm
    permission = "test"
    label = _("Send it to me")
    done = _("The mail is on its way to you.")

    def get_initial(self):
        customer = chosen_customer(self)
        return {"customer": customer.pk if customer else None}

    def act(self, obj, data):
        try_out(Content.of_template(obj), data["customer"], self)


class Preview:
    """A mail as one customer would get it."""

    def __init__(self, composer: Composer, customer: Customer, token: str):
        self.customer = customer
        self.subject = composer.subject(customer)
        self.text = composer.text(customer, token)
        self.html = composer.html(customer, token)
        self.sender = composer.sender_name

    @classmethod
    def of(cls, content: Content, page: ObjectPage) -> Preview | None:
        """None while there is no customer to fill it with. Raises BadPlaceholder or OpenPlaceholder."""
        composer = Composer(content, page.tenant, is_trial=True)
        customer = chosen_customer(page, composer.names)
        return cls(composer, customer, trial_token(page.tenant)) if customer else None


def chosen_customer(page: ObjectPage, names: set[str] | frozenset[str] = frozenset()) -> Customer | None:
    """The one the address names, else the one last changed; of those the member sees, with what a mail says of them."""
    seen = reading(visible(page.membership, Customer), names)
    asked = page.request.GET.get("customer", "")
    found = seen.filter(pk=asked).first() if is_id(asked) else None
    return found or seen.order_by("-updated_at", "-pk").first()


def shown_mail(content: Content, page: ObjectPage) -> HttpResponse:
    preview = Preview.of(content, page)
    if preview is None:
        raise Http404
    return mail_document(preview.html)


def try_out(content: Content, customer: Customer, page: ObjectPage) -> None:
    """Send it to whoever asks. Raises TrialNotSent."""
    names = Composer(content, page.tenant, is_trial=True).names
    try:
        send_trial(
            content=content,
            customer=reading(visible(page.membership, Customer), names).get(pk=customer.pk),
            membership=page.membership,
        )
    except MailServerGone as error:
        raise TrialNotSent from error
