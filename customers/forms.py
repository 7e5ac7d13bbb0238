from datetime import timedelta
from typing import ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access.policy import policy_for
from crm.accounts.models import User
from crm.imports.faults import Invalid
from crm.pages.forms import MemberField, TenantForm, TenantModelForm

from .choices import ActivityKind, CustomerStage
from .models import Activity, Contact, Customer, Tag
from .normalise import PHONE_LENGTH, SHORTEST_PHONE, email_address, read_phone

# The clock of a browser and ours may differ a little.
CLOCK_SLACK = timedelta(minutes=5)


class ReachableForm(TenantModelForm):
    """Cleans how somebody is reached into the form in which it is stored and searched."""

    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40, widget=forms.TextInput({"type": "tel", "autocomplete": "off"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"]
        try:
            digits = read_phone(text)
        except Invalid:
            digits = ""
        # What stood there before is not questioned: an import takes the short numbers of a telephone system too.
        if text and text != self.initial.get("phone") and len(digits) < SHORTEST_PHONE:
            raise ValidationError(
                _("A phone number has %(least)d to %(most)d digits."),
                params={"least": SHORTEST_PHONE, "most": PHONE_LENGTH},
            )
        return digits

    def clean_email(self) -> str:
        email = email_address(self.cleaned_data["email"])
        if email:
            validate_email(email)
        return email


class CustomerForm(ReachableForm):
    tags: "forms.ModelMultipleChoiceField[Tag]" = forms.ModelMultipleChoiceField(
        label=_("Tags"), queryset=QuerySet(Tag).none(), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tags"] = [link.tag_id for link in self.instance.tag_links.all()]
        if not policy_for(Customer).allows(self.membership, "assign"):
            self._keep_the_owner()

    def _keep_the_owner(self) -> None:
        """Handing customers over is a right of its own: without it a new one is one's own, or goes to the pool."""
        owner = cast(MemberField, self.fields["owner"])
        owner.disabled = self.instance.pk is not None
        kept = {self.instance.owner_id, self.membership.user_id}
        owner.queryset = cast("QuerySet[User]", owner.queryset).filter(pk__in=kept - {None})

    class Meta:
        model = Customer
        fields = [
            "name",
            "kind",
            "stage",
            "level",
            "owner",
            "phone",
            "email",
            "website",
            "city",
            "address",
            "industry",
            "source",
            "external_id",
            "next_contact_on",
            "note",
        ]

    sections = [
        (_("Who they are"), ["name", "kind", "industry", "external_id"]),
        (_("How to reach them"), ["phone", "email", "city", "website", "address"]),
        (_("Where we stand"), ["stage", "level", "owner", "next_contact_on", "source", "tags"]),
        (_("Note"), ["note"]),
    ]


class ContactForm(ReachableForm):
    class Meta:
        model = Contact
        fields = [
            "customer",
            "name",
            "title",
            "department",
            "phone",
            "email",
            "wechat",
            "is_primary",
            "note",
        ]
        labels: ClassVar = {"name": pgettext_lazy("of a person", "Name")}

    sections = [
        (_("Who they are"), ["name", "customer", "title", "department", "is_primary"]),
        (_("How to reach them"), ["phone", "email", "wechat"]),
        (_("Note"), ["note"]),
    ]


def check_dates(form: forms.BaseForm) -> None:
    """What every follow-up asks of its dates: a task has a day to come, anything else has happened."""
    at, due_on, kind = (form.cleaned_data.get(name) for name in ("at", "due_on", "kind"))
    if kind == ActivityKind.TASK and not due_on:
        form.add_error("due_on", _("Say until when the task is to be done."))
    if at and kind != ActivityKind.TASK and at > timezone.now() + CLOCK_SLACK:
        form.add_error("at", _("What has not happened yet is a task: choose “Task” as its kind."))
    planned = form.cleaned_data.get("next_contact_on")
    if planned and planned < timezone.localdate(at or timezone.now()):
        form.add_error("next_contact_on", _("The next contact cannot lie before this one."))


class ActivityForm(TenantModelForm):
    class Meta:
        model = Activity
        fields = ["customer", "contact", "kind", "at", "text", "due_on", "next_contact_on"]

    def clean(self):
        super().clean()
        check_dates(self)
        contact, customer = self.cleaned_data.get("contact"), self.cleaned_data.get("customer")
        if contact and customer and contact.customer_id != customer.pk:
            self.add_error("contact", _("This contact belongs to another customer."))
        return self.cleaned_data


class FollowUpForm(TenantForm):
    """The short form on a customer's page."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ActivityKind.choices, initial=ActivityKind.CALL)
    next_contact_on = forms.DateField(label=_("Next contact"), required=False)
    text = forms.CharField(
        label=_("What happened"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 3, "placeholder": _("What was said, what was agreed, what comes next")}),
    )
    contact: "forms.ModelChoiceField[Contact]" = forms.ModelChoiceField(
        label=_("Contact"), queryset=QuerySet(Contact).none(), required=False
    )
    at = forms.DateTimeField(label=_("When"), required=False, help_text=_("Now, when left empty."))
    due_on = forms.DateField(label=_("Due"), required=False, help_text=_("For a task."))

    def about(self, customer: Customer) -> "FollowUpForm":
        chosen = cast("forms.ModelChoiceField[Contact]", self.fields["contact"])
        chosen.queryset = customer.contacts.order_by("name_sort", "id")
        return self

    def clean(self):
        super().clean()
        check_dates(self)
        return self.cleaned_data


class TagForm(TenantModelForm):
    class Meta:
        model = Tag
        fields = ["name", "color"]


class AssignForm(TenantForm):
    owner = MemberField(
        label=_("New owner"), queryset=QuerySet(User).none(), required=False, empty_label=_("Nobody (to the pool)")
    )


class StageForm(TenantForm):
    stage = forms.ChoiceField(label=_("Stage"), choices=CustomerStage.choices)


class TagChoiceForm(TenantForm):
    tag: "forms.ModelChoiceField[Tag]" = forms.ModelChoiceField(label=_("Tag"), queryset=QuerySet(Tag).none())
