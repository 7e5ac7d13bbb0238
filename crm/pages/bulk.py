"""Actions on many rows of a list: those ticked, or all that match the filter.

class CustomerHandOver(BulkAction):
    verb, label, icon = "hand_over", _("Hand over"), "transfer-in"
    permission = "edit"
    form = HandOverForm

    def act(self, rows, data):
        return hand_over_customers(customers=rows, owner=data["owner"], user=self.user)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from crm.access.policy import policy_for
from crm.accounts.models import User
from crm.tenancy.models import Membership, Tenant

from .consequences import GoesAlong
from .forms import TenantForm

BATCH = 500
# More rows than this are a job: the page answers at once.
AT_ONCE = 1_000


class BulkAction:
    """One verb over a list. `act` gets at most BATCH rows that the member may act on, locked, in a transaction."""

    verb: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str] = ""
    permission: ClassVar[str] = "edit"
    form: ClassVar[type[TenantForm] | None] = None
    # Asked before it is done, beside the number of rows.
    warning: ClassVar[str | Promise] = ""
    is_dangerous: ClassVar[bool] = False

    def __init__(self, membership: Membership):
        self.membership = membership

    @property
    def tenant(self) -> Tenant:
        return self.membership.tenant

    @property
    def user(self) -> User:
        return self.membership.user

    def goes_along(self, ids: Sequence[int]) -> list[GoesAlong]:
        """What else is deleted with these rows, or loses its link to them."""
        return []

    def act(self, rows: QuerySet, data: Mapping[str, Any]) -> int:
        """Do it and return how many rows changed."""
        raise NotImplementedError


@dataclass(slots=True)
class Outcome:
    seen: int = 0
    changed: int = 0
    refused: int = 0

    def as_dict(self) -> dict[str, int]:
        return {"seen": self.seen, "changed": self.changed, "refused": self.refused}

    def add(self, other: Outcome) -> None:
        self.seen += other.seen
        self.changed += other.changed
        self.refused += other.refused


def run_in_batches(
    action: BulkAction, rows: QuerySet, data: Mapping[str, Any], *, after: int = 0
) -> Iterator[tuple[Outcome, int]]:
    """Act on all `rows` by id, each batch in its own atomic block; yields its (outcome, last id) before it ends.

    By id and not by page of the list: an action may well change what the filter asks for. What the caller does with
    the last id while the block is open is committed with the batch, so a killed job goes on behind it.
    """
    while True:
        with transaction.atomic():
            outcome, last = _one_batch(action, rows, data, after)
            if not outcome.seen:
                return
            yield outcome, last
        after = last


def _one_batch(action: BulkAction, rows: QuerySet, data: Mapping[str, Any], after: int) -> tuple[Outcome, int]:
    # Locked in the order of ids: two people's bulk actions wait for each other instead of deadlocking.
    batch = list(rows.filter(pk__gt=after).order_by("pk").select_for_update(of=("self",))[:BATCH])
    if not batch:
        return Outcome(), after
    allowed = _allowed(action, batch)
    changed = action.act(rows.model._default_manager.filter(pk__in=allowed), data) if allowed else 0
    return Outcome(len(batch), changed, len(batch) - len(allowed)), batch[-1].pk


def _allowed(action: BulkAction, batch: Sequence[Any]) -> list[int]:
    # The rows came through `visible()`; what is left to ask is what the policy says about each.
    policy = policy_for(type(batch[0]))
    return [row.pk for row in batch if policy.allows(action.membership, action.permission, row)]
