"""Keep lists as people arrange them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from crm.access.roles import Role
from crm.errors import CannotShare, FilterTooLong, NameTaken, ViewChanged
from crm.tenancy.models import Membership

from .choices import Visibility
from .models import LONGEST_QUERY, SavedView

# Who may put a view into everybody's list.
SHARERS = (Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD)


def visibilities_open_to(membership: Membership) -> list[Visibility]:
    found = [Visibility.OWN]
    if membership.team_id:
        found.append(Visibility.TEAM)
    if membership.has_role(*SHARERS):
        found.append(Visibility.ALL)
    return found


@transaction.atomic
def save_view(
    *,
    membership: Membership,
    kind: str,
    name: str,
    query: str,
    columns: Sequence[str],
    visibility: str = Visibility.OWN,
    is_default: bool = False,
) -> SavedView:
    """Keep a list's filters, order and columns under a name; the same name again replaces one's own view.

    Raises CannotShare and FilterTooLong.
    """
    if visibility not in visibilities_open_to(membership):
        raise CannotShare
    if len(query) > LONGEST_QUERY:
        raise FilterTooLong
    view, _ = SavedView.objects.update_or_create(
        tenant=membership.tenant,
        kind=kind,
        owner_id=membership.user_id,
        name=name,
        defaults={
            "query": query,
            "columns": list(columns),
            "visibility": visibility,
            "team_id": membership.team_id if visibility == Visibility.TEAM else None,
            "is_default": is_default,
            "updated_at": timezone.now(),
        },
    )
    _only_default(view)
    return view


@transaction.atomic
def change_view(
    *, view: SavedView, membership: Membership, version: int | None, name: str, visibility: str, is_default: bool
) -> SavedView:
    """Rename a view or share it otherwise. Raises ViewChanged, CannotShare and NameTaken."""
    # The lock comes before judging: a view for all is changed by its owner and by administrators.
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if version != view.version:
        raise ViewChanged
    if visibility not in visibilities_open_to(membership):
        raise CannotShare
    mine = SavedView.objects.filter(kind=view.kind, owner_id=view.owner_id, name=name)
    if mine.exclude(pk=view.pk).exists():
        raise NameTaken
    view.name, view.visibility, view.is_default = name, visibility, is_default
    view.team_id = membership.team_id if visibility == Visibility.TEAM else None
    view.updated_at = timezone.now()
    view.version += 1
    view.save(update_fields=["name", "visibility", "is_default", "team_id", "updated_at", "version"])
    _only_default(view)
    return view


def may_change_view(view: SavedView, membership: Membership) -> bool:
    """One's own; what is shared with everybody also the administrator's."""
    if view.owner_id == membership.user_id:
        return True
    return view.visibility == Visibility.ALL and membership.has_role(Role.ADMIN)


def arrange_columns(*, membership: Membership, kind: str, columns: Sequence[str]) -> None:
    """Remember the columns a person wants to see in a list; none means the list's own."""
    mine = SavedView.objects.filter(kind=kind, owner_id=membership.user_id, name="")
    if columns:
        mine.update_or_create(
            tenant=membership.tenant,
            kind=kind,
            owner_id=membership.user_id,
            name="",
            defaults={"columns": list(columns), "updated_at": timezone.now()},
        )
    else:
        mine.delete()


def _only_default(view: SavedView) -> None:
    """One default for a person, and one for everybody, in each list."""
    if view.is_default:
        same = SavedView.objects.filter(kind=view.kind, owner_id=view.owner_id, is_default=True)
        same.exclude(pk=view.pk).update(is_default=False)
