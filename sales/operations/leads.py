"""Changes to leads that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.errors import ContactElsewhere, LeadConverted, LeadNotOpen
from crm.tenancy.deletion import delete_set
from customers.choices import ActivityKind, CustomerKind, CustomerStage
from customers.models import Contact, Customer, Reachable
from customers.operations import log_follow_up, save_contact

from ..choices.leads import DiscardReason, LeadStatus
from ..models import Deal, Lead, Stage
from ..querysets.leads import OPEN
from .deals import save_deal

# {field of the lead: field of the record that takes it over}
_TO_COMPANY = {
    "company": "name",
    "industry": "industry",
    "website": "website",
    "city": "city",
    "address": "address",
    "source": "source",
}
_TO_PERSON = {"name": "name", "phone": "phone", "email": "email"} | {
    name: name for name in ("industry", "website", "city", "address", "source")
}
_TO_CONTACT = {name: name for name in ("name", "phone", "email", "title", "wechat")}


@transaction.atomic
def save_lead(*, lead: Lead, user: User) -> Lead:
    """Save what a form has filled in."""
    if lead.pk is None:
        lead.created_by = user
        lead.save()
        return lead
    return _save_next_version(lead)


@transaction.atomic
def convert_lead(
    *,
    lead: Lead,
    user: User,
    customer: Customer | None = None,
    contact: Contact | None = None,
    deal: Deal | None = None,
) -> Lead:
    """Make a lead a customer, with a contact when it is a company's, and with `deal`, which has a stage and no id yet.

    An existing `customer`, and `contact` of it, get what they lack; where they say otherwise, they keep it. Whatever
    of the lead found no place is logged as a note, so that nothing is lost. Raises LeadConverted.
    """
    lead = _hold(lead)
    if lead.is_converted:
        raise LeadConverted(customer=lead.customer, person=lead.converted_by)
    if contact is not None and (customer is None or contact.customer_id != customer.pk):
        raise ContactElsewhere
    is_new = customer is None
    customer = _new_customer(lead, user) if customer is None else _hold(customer)
    taken = _take_over(lead, customer)
    if customer.kind == CustomerKind.COMPANY or contact is not None:
        contact = Contact(customer=customer, is_primary=is_new) if contact is None else _hold(contact)
        taken |= _take_over(lead, contact)
    if deal is not None:
        deal.customer, deal.contact = customer, contact
        save_deal(deal=deal, stage=deal.stage, user=user)
    _log_the_rest(lead, customer, contact, taken, user)
    lead.status, lead.discard_reason = LeadStatus.CONVERTED, ""
    lead.converted_at, lead.converted_by = timezone.now(), user
    lead.customer, lead.contact, lead.deal = customer, contact, deal
    return _save_next_version(lead)


def _new_customer(lead: Lead, user: User) -> Customer:
    return Customer(
        kind=CustomerKind.COMPANY if lead.company else CustomerKind.PERSON,
        stage=CustomerStage.ENGAGED,
        owner=lead.owner,
        next_contact_on=lead.next_contact_on,
        created_by=user,
    )


def _hold(record: Any) -> Any:
    """The lock comes first: two people may convert the same lead, or change the customer meanwhile.

    Nothing is joined: whoever has waited would be shown the row as it is now beside what it pointed to before.
    """
    return type(record).objects.select_for_update().get(pk=record.pk)


def _take_over(lead: Lead, record: Customer | Contact) -> set[str]:
    """Give the record what it lacks, and save it; returns the lead's fields that it says now."""
    fields = _fields_for(record)
    filled = [(mine, theirs) for mine, theirs in fields.items() if getattr(lead, mine) and not getattr(record, theirs)]
    for mine, theirs in filled:
        setattr(record, theirs, getattr(lead, mine))
    if record.pk is None or filled:
        _save(record)
    return {mine for mine, theirs in fields.items() if getattr(record, theirs) == getattr(lead, mine)}


def _fields_for(record: Reachable) -> dict[str, str]:
    if isinstance(record, Contact):
        return _TO_CONTACT
    assert isinstance(record, Customer)
    return _TO_COMPANY if record.kind == CustomerKind.COMPANY else _TO_PERSON


def _save(record: Customer | Contact) -> None:
    if isinstance(record, Contact):
        save_contact(contact=record)
        return
    if record.pk is not None:
        record.version += 1
        record.updated_at = timezone.now()
    record.save()


def _log_the_rest(lead: Lead, customer: Customer, contact: Contact | None, taken: set[str], user: User) -> None:
    lines = [_("Converted from the lead “%(name)s”.") % {"name": lead.name}, *_left(lead, taken), lead.note]
    log_follow_up(
        customer=customer,
        contact=contact,
        author=user,
        kind=ActivityKind.NOTE,
        text="\n".join(filter(None, lines)),
        next_contact_on=lead.next_contact_on,
    )


def _left(lead: Lead, taken: set[str]) -> Iterator[str]:
    for name in dict.fromkeys((*_TO_COMPANY, *_TO_PERSON, *_TO_CONTACT, "external_id")):
        value = getattr(lead, name)
        if value and name not in taken:
            field = Lead._meta.get_field(name)
            display = getattr(lead, f"get_{name}_display", None)
            label = capfirst(str(getattr(field, "verbose_name", name)))
            yield _("%(label)s: %(value)s") % {"label": label, "value": display() if display else value}


@transaction.atomic
def discard_lead(*, lead: Lead, reason: DiscardReason) -> Lead:
    """Say that nothing comes of it. Raises LeadNotOpen."""
    lead = _hold(lead)
    if not lead.is_open:
        raise LeadNotOpen
    lead.status, lead.discard_reason = LeadStatus.DISCARDED, reason
    return _save_next_version(lead)


@transaction.atomic
def reopen_lead(*, lead: Lead) -> Lead:
    """Take back that it was discarded. Raises LeadNotOpen for one that was not."""
    lead = _hold(lead)
    if lead.status != LeadStatus.DISCARDED:
        raise LeadNotOpen
    lead.status, lead.discard_reason = LeadStatus.WORKING, ""
    return _save_next_version(lead)


@transaction.atomic
def assign_leads(*, leads: QuerySet[Lead], owner: User | None) -> int:
    """Hand leads over to a member, or (None) to nobody. Returns how many changed hands."""
    others = leads.filter(~Q(owner=owner) | Q(owner__isnull=True)) if owner else leads.filter(owner__isnull=False)
    return _change(others, owner=owner)


@transaction.atomic
def discard_leads(*, leads: QuerySet[Lead], reason: DiscardReason) -> int:
    return _change(leads.filter(status__in=OPEN), status=LeadStatus.DISCARDED, discard_reason=reason)


@transaction.atomic
def delete_leads(*, leads: QuerySet[Lead]) -> int:
    return delete_set(leads)


def new_deal(*, name: str, stage: Stage, amount: int | None, currency: str, owner: User | None, **fields: Any) -> Deal:
    """A deal for `convert_lead`, not saved yet."""
    return Deal(name=name, stage=stage, amount=amount, currency=currency, owner=owner, **fields)


def _save_next_version(lead: Lead) -> Lead:
    lead.version += 1
    lead.updated_at = timezone.now()
    lead.save()
    return lead


def _change(rows: QuerySet[Lead], **values: object) -> int:
    return rows.update(**values, version=F("version") + 1, updated_at=timezone.now())
