"""Who a lead may be already: customers and contacts with the same telephone, e-mail address or name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.search.tokens import name_sort
from crm.tenancy.models import Membership
from customers.models import Contact, Customer

from .models import Lead

MOST = 5

SAME_PHONE = _("same telephone number")
SAME_EMAIL = _("same e-mail address")
SAME_NAME = _("similar name")

# What companies put behind their names, as name_sort() spells it.
_LEGAL_FORMS = re.compile(
    r"(?: (?:(?:gu fen )?you xian(?: ze ren)? gong si|gong si|ji tuan"
    r"|co|ltd|limited|inc|corp|corporation|company|llc|llp|plc|gmbh|ag|bv|sa|srl|pty|group|holdings?))+$"
)
# Shorter beginnings say nothing.
_SHORTEST_NAME = 3


@dataclass
class Candidate:
    """A customer the lead may be, perhaps by one of its contacts."""

    customer: Customer
    contact: Contact | None = None
    reasons: list[str | Promise] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.customer.pk}:{self.contact.pk if self.contact else ''}"

    @property
    def is_likely(self) -> bool:
        return SAME_PHONE in self.reasons or SAME_EMAIL in self.reasons


@dataclass(frozen=True)
class Duplicates:
    """Those the member may see; and whether somebody reached the same way is known whom the member may not see."""

    candidates: list[Candidate]
    is_known_elsewhere: bool = False

    def get(self, key: str) -> Candidate | None:
        return next((one for one in self.candidates if one.key == key), None)


def find_duplicates(membership: Membership, lead: Lead) -> Duplicates:
    """Seven statements at most."""
    found: dict[str, Candidate] = {}
    customers, contacts = visible(membership, Customer), visible(membership, Contact).select_related("customer")
    for reason, condition in _ways_to_reach(lead):
        for contact in contacts.filter(condition).order_by("-updated_at", "-id")[:MOST]:
            _note(found, Candidate(contact.customer, contact), reason)
        for customer in customers.filter(condition).order_by("-updated_at", "-id")[:MOST]:
            _note(found, Candidate(customer), reason)
    for customer in _of_similar_name(customers, lead):
        _note(found, Candidate(customer), SAME_NAME)
    candidates = _without_repetition(found.values())
    likely = any(one.is_likely for one in candidates)
    return Duplicates(candidates[:MOST], is_known_elsewhere=not likely and _is_known_elsewhere(membership, lead))


def similar_leads(membership: Membership, lead: Lead) -> list[Lead]:
    """Other leads, reached the same way."""
    condition = _reached(lead)
    if condition is None:
        return []
    rows = visible(membership, Lead).exclude(pk=lead.pk)
    return list(rows.filter(condition).order_by("-updated_at", "-id")[:MOST])


def _note(found: dict[str, Candidate], candidate: Candidate, reason: str | Promise) -> None:
    known = found.setdefault(candidate.key, candidate)
    if reason not in known.reasons:
        known.reasons.append(reason)


def _without_repetition(candidates: Iterable[Candidate]) -> list[Candidate]:
    """A customer that is found by one of its contacts is not offered a second time; likely ones come first."""
    ordered = sorted(candidates, key=lambda one: (not one.is_likely, one.contact is None))
    by_contact = {one.customer.pk for one in ordered if one.contact}
    return [one for one in ordered if one.contact or one.customer.pk not in by_contact]


def _ways_to_reach(lead: Lead) -> list[tuple[Promise, Q]]:
    ways: list[tuple[Promise, Q]] = []
    if lead.phone:
        ways.append((SAME_PHONE, Q(phone=lead.phone)))
    if lead.email:
        ways.append((SAME_EMAIL, Q(email=lead.email)))
    return ways


def _reached(lead: Lead) -> Q | None:
    conditions = [condition for _reason, condition in _ways_to_reach(lead)]
    return conditions[0] | conditions[-1] if conditions else None


def _of_similar_name(customers: QuerySet[Customer], lead: Lead) -> list[Customer]:
    stem = _LEGAL_FORMS.sub("", name_sort(lead.company or lead.name)).strip()
    if len(stem) < _SHORTEST_NAME:
        return []
    return list(customers.filter(name_sort__prefix=stem).order_by("name_sort", "id")[:MOST])


def _is_known_elsewhere(membership: Membership, lead: Lead) -> bool:
    """Whether one exists out of sight. Only that much is said: neither who, nor whose."""
    condition = _reached(lead)
    if condition is None:
        return False
    for model in (Customer, Contact):
        rows = model.objects.filter(condition)
        if policy_for(model).visible(membership, rows) is not rows and rows.exists():
            return True
    return False
