"""Pipelines, deals and leads: dull like the rest. Call them inside the tenant."""

from crm.tenancy.models import Tenant
from sales.choices.pipelines import DealStatus
from sales.models import Deal, Lead, LostReason, Pipeline, Stage

STAGES = (
    ("Prospecting", DealStatus.OPEN, 10),
    ("Engaging", DealStatus.OPEN, 30),
    ("Won", DealStatus.WON, 100),
    ("Lost", DealStatus.LOST, 0),
)


def make_pipeline(tenant: Tenant, name: str = "Sales", stages=STAGES, **fields) -> Pipeline:
    pipeline = tenant.pipelines.create(name=name, **fields)
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name=name, kind=kind, probability_percent=percent, position=place)
        for place, (name, kind, percent) in enumerate(stages)
    )
    return pipeline


def stage(pipeline: Pipeline, name: str) -> Stage:
    return pipeline.stages.get(name=name)


def make_deal(pipeline: Pipeline, where: str = "Prospecting", **fields) -> Deal:
    return pipeline.tenant.deals.create(**({"name": "Pilot order", "stage": stage(pipeline, where)} | fields))


def make_lead(tenant: Tenant, **fields) -> Lead:
    return tenant.leads.create(**({"name": "Ann Lee"} | fields))


def make_lost_reason(tenant: Tenant, name: str = "Price too high", **fields) -> LostReason:
    return tenant.lost_reasons.create(name=name, **fields)
