from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.celery import TenantTask, app
from crm.errors import InputNoLongerFits
from crm.jobs import JobContext, job
from crm.tenancy.models import Tenant

from . import submitted
from .bulk import Outcome, run_in_batches
from .counts import exact_count
from .forms import TenantForm
from .registry import list_pages
from .views.tools import chosen_rows, said


@app.task(name="pages.clean_up")
def clean_up() -> None:
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        clean_tenant.delay(tenant_id=tenant_id)


@app.task(name="pages.clean_tenant", base=TenantTask)
def clean_tenant() -> None:
    submitted.forget_old()


@job("pages.bulk", title=_("Bulk action"), time_limit=3600, max_attempts=3)
def run_bulk_action(
    ctx: JobContext, *, kind: str, verb: str, query: str, ids: list[int] | None, data: dict[str, list[str]]
) -> None:
    """Run a list's bulk action. Each batch commits with its place, so a killed job goes on behind it."""
    page = list_pages[kind].for_member(ctx.membership)
    action = next(declared for declared in page.bulk_actions if declared.verb == verb)(ctx.membership)
    if not page.policy.allows(ctx.membership, action.permission):
        raise PermissionDenied
    total = Outcome(**ctx.checkpoint.get("outcome", {}))
    with transaction.atomic():
        rows = chosen_rows(page, query, ids)
        cleaned = _cleaned(action.form or TenantForm, data, ctx)
        count = ctx.checkpoint.setdefault("count", exact_count(rows).number)
    for outcome, last in run_in_batches(action, rows, cleaned, after=ctx.checkpoint.get("last", 0)):
        total.add(outcome)
        ctx.progress(total.seen, max(count, total.seen), said(total))
        ctx.checkpoint.update(last=last, outcome=total.as_dict())
        ctx.save_checkpoint()


def _cleaned(form_class: Any, data: dict[str, list[str]], ctx: JobContext) -> dict[str, Any]:
    """What the form says, read again: a person or record that was chosen may be gone by now."""
    sent = QueryDict(mutable=True)
    for key, values in data.items():
        sent.setlist(key, values)
    form = form_class(sent, membership=ctx.membership)
    if not form.is_valid():
        raise InputNoLongerFits
    return form.cleaned_data
