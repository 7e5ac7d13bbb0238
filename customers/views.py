from __future__ import annotations

from typing import Any, cast

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for
from crm.pages import submitted
from crm.pages.assigning import AssignPage
from crm.pages.consequences import GoesAlong
from crm.pages.counts import capped_count
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty

from . import bulk, filters, forms, tables
from .models import Activity, Contact, Customer, Tag
from .operations import (
    assign_customers,
    complete_task,
    delete_activities,
    delete_customers,
    log_follow_up,
    save_activity,
    save_contact,
    save_customer,
)
from .search import pick_contacts, pick_customers

TIMELINE_LENGTH = 30
CONTACTS_SHOWN = 20
MOST_PICKED = 25


class CustomerList(ListPage):
    model = Customer
    kind = "customers"
    table = tables.CustomerTable
    filterset = filters.CustomerFilter
    bulk_actions = (bulk.CustomersAssign, bulk.CustomersMove, bulk.CustomersTag, bulk.CustomersDelete)
    empty = Empty(
        _("No customers yet"),
        _("A customer is a company or a person you do business with. Enter the first one, or import a file."),
        icon="building",
    )

    def get_queryset(self):
        return self.tenant.customers.all()

    def pick(self, rows, text):
        return pick_customers(rows, text, MOST_PICKED)


class CustomerDetail(DetailPage):
    model = Customer
    table = tables.CustomerTable
    template_name = "customers/customer_detail.html"
    sections = (
        (_("How to reach them"), ["phone", "email", "website", "city", "address"]),
        (_("Where we stand"), ["owner", "level", "next_contact_on", "last_contact_at", "source"]),
        (_("Who they are"), ["kind", "industry", "external_id", "created_by", "created_at", "updated_at"]),
        (_("Note"), ["note"]),
    )
    actions = (PageAction("assign", _("Change owner"), "user-share", is_rare=True),)

    def get_queryset(self):
        return self.tenant.customers.select_related("owner", "created_by").prefetch_related(tables.links_with_tags())

    def get_context(self, **context: Any) -> dict[str, Any]:
        customer = cast(Customer, self.object)
        may_follow_up = self.policy.allows(self.membership, "follow_up", customer)
        timeline = list(customer.activities.timeline()[: TIMELINE_LENGTH + 1])
        contacts = list(customer.contacts.order_by("-is_primary", "name_sort", "id")[: CONTACTS_SHOWN + 1])
        return super().get_context(
            tags=tables.tags_of(customer),
            contacts=contacts[:CONTACTS_SHOWN],
            contacts_go_on=len(contacts) > CONTACTS_SHOWN,
            timeline=timeline[:TIMELINE_LENGTH],
            timeline_goes_on=len(timeline) > TIMELINE_LENGTH,
            follow_up_form=self._follow_up_form() if may_follow_up else None,
            once=submitted.new_token(),
            may_add_contact=policy_for(Contact).allows(self.membership, "create"),
            may_complete=policy_for(Activity).allows(self.membership, "complete"),
            **context,
        )

    def _follow_up_form(self) -> forms.FollowUpForm:
        return forms.FollowUpForm(membership=self.membership).about(cast(Customer, self.object))


class CustomerEdit(EditPage):
    model = Customer
    form = forms.CustomerForm

    def get_initial(self):
        return {"owner": self.membership.user_id} | super().get_initial()

    def save(self, form):
        return save_customer(customer=form.instance, tags=form.cleaned_data["tags"], user=self.request.user)


class CustomerDelete(DeletePage):
    model = Customer
    template_name = "customers/customer_delete.html"

    def goes_along(self):
        tags = capped_count(cast(Customer, self.object).tag_links.all())
        kept = [GoesAlong(_("Tags"), tags, is_kept=True)] if tags.number else []
        return [*super().goes_along(), *kept]

    def get_context(self, **context):
        return super().get_context(edit_url=self.url_if_allowed("edit", obj=self.object), **context)

    def delete(self, obj):
        delete_customers(customers=Customer.objects.filter(pk=obj.pk))


class CustomerAssign(AssignPage):
    model = Customer
    form = forms.AssignForm
    done = _("The customer has changed hands.")

    def assign(self, rows, owner):
        assign_customers(customers=rows, owner=owner)


class CustomerFollowUp(ActionPage):
    model = Customer
    form = forms.FollowUpForm
    permission = "follow_up"
    label = _("Log a follow-up")
    done = _("The follow-up was logged.")
    adds = True

    @cached_property
    def bound_form(self):
        return cast(forms.FollowUpForm, super().bound_form).about(cast(Customer, self.object))

    def act(self, obj, data):
        log_follow_up(customer=obj, author=self.request.user, **data)


class ContactList(ListPage):
    model = Contact
    kind = "contacts"
    table = tables.ContactTable
    filterset = filters.ContactFilter
    empty = Empty(
        _("No contacts yet"),
        _("A contact is a person at a customer. Open a customer and add the people you talk to."),
        icon="address-book",
    )

    def get_queryset(self):
        return self.tenant.contacts.all()

    def pick(self, rows, text):
        return pick_contacts(rows, text, MOST_PICKED)


class ContactDetail(DetailPage):
    model = Contact
    table = tables.ContactTable
    sections = (
        (_("How to reach them"), ["phone", "email", "wechat"]),
        (_("Who they are"), ["customer", "title", "department", "is_primary", "created_at", "updated_at"]),
        (_("Note"), ["note"]),
    )

    def get_queryset(self):
        return self.tenant.contacts.for_list()


class ContactEdit(EditPage):
    model = Contact
    form = forms.ContactForm

    def save(self, form):
        return save_contact(contact=form.instance)


class ContactDelete(DeletePage):
    model = Contact


class ActivityList(ListPage):
    model = Activity
    kind = "activities"
    table = tables.ActivityTable
    filterset = filters.ActivityFilter
    empty = Empty(
        _("No follow-ups yet"),
        _("Calls, visits, meetings and notes show here. Open a customer and log the first one."),
        icon="message-circle",
    )

    def get_queryset(self):
        return self.tenant.activities.all()


class ActivityDetail(DetailPage):
    model = Activity
    sections = (
        ("", ["kind", "customer", "contact", "author", "at", "due_on", "done_at", "next_contact_on"]),
        (_("What happened"), ["text"]),
    )
    actions = (PageAction("complete", _("Mark as done"), "check", is_primary=True),)

    def get_queryset(self):
        return self.tenant.activities.select_related("customer", "contact", "author")

    def buttons(self):
        activity = cast(Activity, self.object)
        if activity.is_open_task:
            return super().buttons()
        return [button for button in super().buttons() if button.url != self.url("complete", activity)]


class ActivityEdit(EditPage):
    model = Activity
    form = forms.ActivityForm

    def save(self, form):
        return save_activity(activity=form.instance, user=self.request.user)


class ActivityDelete(DeletePage):
    model = Activity

    def delete(self, obj):
        delete_activities(activities=Activity.objects.filter(pk=obj.pk))


class ActivityComplete(ActionPage):
    model = Activity
    permission = "complete"
    label = _("Mark as done")
    question = _("Is this task done?")
    done = _("The task is done.")

    def act(self, obj, data):
        complete_task(task=obj)
        return obj.customer


class TagList(ListPage):
    model = Tag
    kind = "tags"
    table = tables.TagTable
    empty = Empty(_("No tags yet"), _("Tags group customers across stages: “VIP”, “fair 2026”, “east”."), icon="tag")

    def get_queryset(self):
        return self.tenant.tags.all()


class TagDetail(DetailPage):
    model = Tag
    table = tables.TagTable
    template_name = "customers/tag_detail.html"
    sections = (("", ["color"]),)

    def get_queryset(self):
        return self.tenant.tags.all()


class TagEdit(EditPage):
    model = Tag
    form = forms.TagForm


class TagDelete(DeletePage):
    model = Tag

    def goes_along(self):
        count = capped_count(cast(Tag, self.object).links.all())
        return [GoesAlong(_("Customers"), count, is_kept=True)] if count.number else []
