from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.jobs import JobContext, job

from ..models import Deal, Stage
from ..operations.pipelines import empty_stage


@job("sales.empty_stage", title=_("Move the deals of a stage"), time_limit=3600, max_attempts=5)
def run_empty_stage(ctx: JobContext, *, stage: int, into: int) -> None:
    """Hand on the deals of a retired stage, batch by batch. What is done has left it: a killed job simply goes on."""
    with transaction.atomic():
        leaving, target = Stage.objects.filter(pk=stage).first(), Stage.objects.get(pk=into)
        total = Deal.objects.filter(stage=stage).count() if leaving else 0
    done = 0
    while leaving:
        with transaction.atomic():
            moved = empty_stage(stage=leaving, into=target, user=ctx.membership.user)
        if not moved:
            return
        done += moved
        ctx.progress(done, max(total, done), gettext("Moving deals to “%(stage)s”") % {"stage": target})
