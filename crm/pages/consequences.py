"""What happens to other records when one is deleted: said before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CASCADE, SET_NULL, Model
from django.utils.functional import Promise
from django.utils.text import capfirst

from crm.access.policy import policies

from .counts import Count, capped_count


@dataclass(frozen=True, slots=True)
class GoesAlong:
    """Records of one kind that are deleted too; or (`is_kept`) stay, and only lose their link to it."""

    label: str | Promise
    count: Count
    is_kept: bool = False


def goes_along(model: type[Model], ids: Sequence[int]) -> list[GoesAlong]:
    """Kind by kind, for the kinds that people know: those with a policy. Counts what a member may not see as well."""
    found = []
    for relation in model._meta.related_objects:
        deleting = relation.on_delete
        if relation.related_model not in policies() or deleting not in (CASCADE, SET_NULL):
            continue
        rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}_id__in": list(ids)})
        count = capped_count(rows)
        if count.number:
            label = capfirst(str(relation.related_model._meta.verbose_name_plural))
            found.append(GoesAlong(label, count, is_kept=deleting is SET_NULL))
    return found
