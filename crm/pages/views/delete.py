from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access.policy import policies

from ..consequences import GoesAlong, goes_along
from .base import Crumb, ObjectPage

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Records of one kind that keep another from being deleted: some of those in sight, and how many more there are."""

    kind: str
    records: list[Model]
    others: int


class DeletePage(ObjectPage):
    """Asks, saying what goes along, then deletes. A refused delete says which records are in the way."""

    template_name = "generic/delete.html"
    permission = "delete"
    lock = True

    def delete(self, obj: Model) -> None:
        """Override with the app's operation. ProtectedError, RestrictedError and CrmError become words on the page."""
        obj.delete()

    def goes_along(self) -> list[GoesAlong]:
        """What else is deleted or cut loose. Override to add what is no kind of its own."""
        return goes_along(self.model, [self.object.pk])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(along=self.goes_along())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = str(self.object)
        try:
            # A part that was deleted before the refusal comes back.
            with transaction.atomic():
                self.delete(self.object)
        except (ProtectedError, RestrictedError) as error:
            records = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
            return self.render(status=409, in_the_way=self._in_the_way(records))
        messages.success(request, _("“%(name)s” was deleted.") % {"name": name})
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return self.url("list")

    def get_title(self) -> str:
        return _("Delete %(kind)s “%(name)s”?") % {"kind": self.kind_label, "name": self.object}

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(_("Delete"))]

    def _in_the_way(self, records: Iterable[Model]) -> list[InTheWay]:
        ordered = sorted(records, key=lambda record: (record._meta.label, record.pk))
        return [self._of_one_kind(kind, list(group)) for kind, group in groupby(ordered, key=type)]

    def _of_one_kind(self, kind: type[Model], records: list[Model]) -> InTheWay:
        policy = policies().get(kind)
        # What this member may not see is counted and not named.
        rows = kind._default_manager.filter(pk__in=[record.pk for record in records])
        seen = list((policy.visible(self.membership, rows) if policy else rows.none())[:_SHOWN])
        return InTheWay(capfirst(str(kind._meta.verbose_name_plural)), seen, len(records) - len(seen))
