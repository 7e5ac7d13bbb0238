"""Pipelines, their stages and the reasons for losing, as a tenant arranges them."""

import pytest
from django.db import transaction
from django.utils import translation

from crm.errors import (
    LastPipeline,
    NothingToDo,
    PipelineHasDeals,
    ReasonHasDeals,
    StageHasDeals,
    StagesMissing,
)
from crm.jobs import run_job
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from crm.tenancy.operations import create_tenant
from sales.choices.defaults import LOST_REASONS, PIPELINE_NAME, STAGES
from sales.models import Deal, DealStageChange, LostReason, Pipeline, Stage
from sales.operations.deals import move_deal
from sales.operations.pipelines import (
    create_pipeline,
    empty_stage,
    remove_lost_reason,
    remove_pipeline,
    retire_stage,
    save_stage,
    shift,
)
from sales.views import pipelines as views
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def order(pipeline: Pipeline) -> list[str]:
    return list(pipeline.stages.active().in_order().values_list("name", flat=True))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_new_tenant_can_sell_in_its_language(language):
    tenant = create_tenant(slug="fresh", name="Fresh", language=language)

    with use_tenant(tenant), translation.override(language):
        assert [one.name for one in Pipeline.objects.all()] == [str(PIPELINE_NAME)]
        assert Stage.objects.first_open().name == str(STAGES[0].name)
        assert [*Stage.objects.values_list("kind", flat=True).order_by("position")][-2:] == ["won", "lost"]
        assert LostReason.objects.in_order().first().name == str(LOST_REASONS[0])


def test_another_pipeline_stands_behind_the_first_and_has_the_usual_stages(pipeline):
    second = create_pipeline(name="Renewals")

    assert list(Pipeline.objects.in_order()) == [pipeline, second]
    assert Stage.objects.first_open().pipeline == pipeline
    assert second.stages.count() == 6


def test_new_open_stage_comes_before_the_stages_for_closed_deals(pipeline):
    save_stage(stage=Stage(pipeline=pipeline, name="Proposal", probability_percent=60))
    save_stage(stage=Stage(pipeline=pipeline, name="Dropped", kind="lost", probability_percent=60))

    assert order(pipeline) == ["Prospecting", "Engaging", "Proposal", "Won", "Lost", "Dropped"]
    # Who is lost has no chance, whatever was typed.
    assert stage(pipeline, "Dropped").probability_percent == 0


def test_stage_changes_places_with_its_neighbour_and_stops_at_the_end(pipeline):
    shift(one=stage(pipeline, "Engaging"), by=-1)

    assert order(pipeline) == ["Engaging", "Prospecting", "Won", "Lost"]
    with pytest.raises(NothingToDo):
        shift(one=stage(pipeline, "Engaging"), by=-1)


def test_kind_of_a_stage_with_deals_stays(pipeline):
    make_deal(pipeline, "Engaging")
    engaging = stage(pipeline, "Engaging")
    engaging.kind = "won"

    with pytest.raises(StageHasDeals):
        save_stage(stage=engaging)


@pytest.mark.parametrize("name", ["Won", "Lost"])
def test_last_stage_for_won_or_for_lost_deals_stays(pipeline, name):
    with pytest.raises(StagesMissing), transaction.atomic():
        retire_stage(stage=stage(pipeline, name))

    with pytest.raises(StagesMissing), transaction.atomic():
        last = stage(pipeline, name)
        last.kind = "open"
        save_stage(stage=last)


def test_stage_without_a_past_is_deleted_and_one_with_a_past_is_kept_for_the_history(pipeline, owner):
    deal = make_deal(pipeline, "Engaging")
    move_deal(deal=deal, stage=stage(pipeline, "Prospecting"), user=owner.user)
    engaging = stage(pipeline, "Engaging")
    unused = save_stage(stage=Stage(pipeline=pipeline, name="Proposal"))

    for one in (engaging, unused):
        retire_stage(stage=one)
        assert empty_stage(stage=one, into=None, user=owner.user) == 0

    assert order(pipeline) == ["Prospecting", "Won", "Lost"]
    assert Stage.objects.filter(pk=engaging.pk).exists()
    assert not Stage.objects.filter(pk=unused.pk).exists()
    # Its name is free again.
    save_stage(stage=Stage(pipeline=pipeline, name="Engaging"))


def test_deals_of_a_removed_stage_go_where_they_were_sent(pipeline, owner, monkeypatch):
    monkeypatch.setattr("sales.operations.pipelines.BATCH", 2)
    for number in range(5):
        make_deal(pipeline, "Engaging", name=str(number))
    engaging, prospecting = stage(pipeline, "Engaging"), stage(pipeline, "Prospecting")

    retire_stage(stage=engaging)
    moved = []
    while count := empty_stage(stage=engaging, into=prospecting, user=owner.user):
        moved.append(count)

    assert moved == [2, 2, 1]
    assert {*Deal.objects.values_list("stage__name", "stage_changes__from_stage__name")} == {
        ("Prospecting", "Engaging")
    }


def test_pipeline_with_deals_and_the_last_one_stay(pipeline):
    with pytest.raises(LastPipeline):
        remove_pipeline(pipeline=pipeline)
    create_pipeline(name="Renewals")
    deal = make_deal(pipeline)
    with pytest.raises(PipelineHasDeals):
        remove_pipeline(pipeline=pipeline)
    deal.delete()

    remove_pipeline(pipeline=pipeline)

    assert [one.name for one in Pipeline.objects.all()] == ["Renewals"]


def test_pipeline_that_deals_once_went_through_is_kept_for_their_history(pipeline, owner):
    renewals = create_pipeline(name="Renewals")
    deal = make_deal(pipeline)
    move_deal(deal=deal, stage=stage(renewals, renewals.stages.first().name), user=owner.user)

    remove_pipeline(pipeline=pipeline)

    assert list(Pipeline.objects.active()) == [renewals]
    assert Pipeline.objects.filter(pk=pipeline.pk).exists()
    assert Stage.objects.first_open().pipeline == renewals


def test_reason_that_deals_were_lost_for_stays(in_tenant, pipeline):
    used, unused = make_lost_reason(in_tenant), make_lost_reason(in_tenant, "No budget")
    make_deal(pipeline, "Lost", lost_reason=used)

    remove_lost_reason(reason=unused)
    with pytest.raises(ReasonHasDeals):
        remove_lost_reason(reason=used)

    assert list(LostReason.objects.all()) == [used]


class TestPages:
    def test_manager_arranges_and_a_representative_only_looks(self, pipeline, manager, owner):
        engaging = stage(pipeline, "Engaging")

        assert owner.get(f"settings/pipelines/{pipeline.pk}/").status_code == 200
        assert owner.post(f"settings/stages/{engaging.pk}/up/").status_code == 403
        assert owner.post("settings/pipelines/new/", {"name": "Mine"}).status_code == 403
        manager.post(f"settings/stages/{engaging.pk}/up/")

        assert order(pipeline) == ["Engaging", "Prospecting", "Won", "Lost"]

    def test_pipeline_shows_its_stages_with_everybodys_deals(self, pipeline, manager, colleague):
        make_deal(pipeline, "Engaging", owner=colleague.user)

        page = manager.get(f"settings/pipelines/{pipeline.pk}/").content.decode()

        assert page.index("Prospecting") < page.index("Engaging") < page.index("Won")
        assert f"?stage={stage(pipeline, 'Engaging').pk}" in page

    def test_stage_is_added_to_the_pipeline_one_came_from(self, pipeline, manager):
        form = manager.get(f"settings/stages/new/?pipeline={pipeline.pk}").content.decode()
        answer = manager.post(
            "settings/stages/new/",
            {"pipeline": pipeline.pk, "name": "Proposal", "kind": "open", "probability_percent": "50"},
        )

        assert f'value="{pipeline.pk}" selected' in form
        assert answer.headers["Location"] == f"/t/acme/settings/pipelines/{pipeline.pk}/"
        assert "Proposal" in order(pipeline)

    def test_stage_name_is_taken_once_in_a_pipeline(self, pipeline, manager):
        answer = manager.post(
            "settings/stages/new/",
            {"pipeline": pipeline.pk, "name": "Engaging", "kind": "open", "probability_percent": "50"},
        )

        assert answer.status_code == 422
        assert "This pipeline already has a stage of this name." in answer.content.decode()

    def test_deleting_a_stage_asks_where_its_deals_go(self, pipeline, manager, owner):
        deal = make_deal(pipeline, "Engaging", owner=owner.user)
        engaging, prospecting = stage(pipeline, "Engaging"), stage(pipeline, "Prospecting")
        address = f"settings/stages/{engaging.pk}/delete/"

        asked = manager.get(address).content.decode()
        refused = manager.post(address)
        manager.post(address, {"into": prospecting.pk})

        assert "There are 1 deals in this stage" in asked
        # Only stages of the same kind: nobody wins a deal by deleting a stage.
        assert (f'value="{prospecting.pk}"' in asked, f'value="{stage(pipeline, "Won").pk}"' in asked) == (True, False)
        assert refused.status_code == 422
        assert Deal.objects.get(pk=deal.pk).stage == prospecting
        assert order(pipeline) == ["Prospecting", "Won", "Lost"]

    def test_taken_reason_is_offered_no_more_and_stays_on_its_deals(self, in_tenant, pipeline, manager, owner):
        reason = make_lost_reason(in_tenant)
        lost = make_deal(pipeline, "Lost", lost_reason=reason, owner=owner.user)
        other = make_deal(pipeline, owner=owner.user)

        manager.post(f"settings/lost-reasons/{reason.pk}/edit/", {"name": reason.name, "version": 1})

        assert f'<option value="{reason.pk}"' not in owner.get(f"sales/deals/{other.pk}/lose/").content.decode()
        assert f'<option value="{reason.pk}" selected' in owner.get(f"sales/deals/{lost.pk}/edit/").content.decode()

    def test_refused_deletion_says_what_to_do(self, in_tenant, pipeline, manager):
        reason = make_lost_reason(in_tenant)
        make_deal(pipeline, "Lost", lost_reason=reason)

        answer = manager.post(f"settings/lost-reasons/{reason.pk}/delete/")

        assert "take it out of use instead" in answer.content.decode()
        assert LostReason.objects.exists()


def test_many_deals_of_a_removed_stage_move_in_a_job(pipeline, manager, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    for number in range(4):
        make_deal(pipeline, "Engaging", name=str(number))
    engaging, prospecting = stage(pipeline, "Engaging"), stage(pipeline, "Prospecting")

    answer = manager.post(f"settings/stages/{engaging.pk}/delete/", {"into": prospecting.pk})
    job = Job.objects.get()
    before = Deal.objects.filter(stage=engaging).count()
    run_job(job)

    assert answer.headers["Location"] == f"/t/acme/jobs/{job.pk}/"
    assert before == 4
    assert Deal.objects.filter(stage=prospecting).count() == 4
    assert {change.by for change in DealStageChange.objects.select_related("by")} == {manager.user}
