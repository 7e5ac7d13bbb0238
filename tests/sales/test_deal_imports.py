"""Deals and leads from files as people have them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

import pytest
from django.conf import settings
from django.db.models import Count
from django.utils import timezone, translation

from crm.imports.faults import Fault
from crm.imports.mapping import suggest
from crm.imports.models import Import
from crm.imports.pipeline import run_import
from crm.imports.reader import ReadOptions, open_source
from crm.imports.undo import undo_import
from crm.rollups.comparing import differences
from sales.imports.deals import DEALS, stage_words
from sales.models import Deal, DealStageChange, Lead, Product
from sales.rollups import STAGE_STATS
from sales.search import find_deals, find_leads
from tests.factories import make_customer
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage

pytestmark = pytest.mark.django_db

# Public data that is not part of the repository: tests that need it are skipped where it is not at hand.
REFERENCE = Path(settings.BASE_DIR).parent / "shared" / "data" / "crm-sales-pipeline"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


@pytest.fixture
def bring_in(in_tenant, tmp_path):
    def bring_in(content: str | Path, kind: str = "deals", membership=None, **fields) -> Import:
        path = content if isinstance(content, Path) else tmp_path / "rows.csv"
        if not isinstance(content, Path):
            path.write_text(content)
        source = open_source(path, ReadOptions())
        run = Import.objects.create(
            kind=kind,
            file_name=path.name,
            columns=source.columns,
            reading=source.options.as_json(),
            user=membership.user if membership else None,
            **fields,
        )
        run.mapping = suggest(run.declaration.fields_for(membership), source.columns)
        run.save()
        run_import(run, membership=membership, path=path, chunk_rows=1_000)
        return Import.objects.get(pk=run.pk)

    return bring_in


def noted(run: Import) -> list[tuple[int, str, str]]:
    return list(
        run.row_errors.filter(row_came_in=True).order_by("row_no", "field").values_list("row_no", "field", "code")
    )


def test_row_says_the_stage_and_pipeline_status_and_closing_follow(pipeline, bring_in):
    bring_in(
        "name,stage,amount,begun,close date\n"
        "A,Engaging,1250.50,2026-01-05,2026-02-01\n"
        "B,won,10,2026-01-05,2026-02-01\n"
        "C,closed lost,,,\n"
        "D,,,,\n"
    )

    rows = Deal.objects.order_by("name").values_list(
        "name", "stage__name", "status", "amount", "opened_on", "closed_at"
    )
    found = {name: (stage, status, amount, str(begun), closed) for name, stage, status, amount, begun, closed in rows}
    assert found["A"] == ("Engaging", "open", 1_250_50, "2026-01-05", None)
    assert found["B"][:3] == ("Won", "won", 10_00)
    assert found["B"][4].date().isoformat() == "2026-02-01"
    assert found["C"][:2] == ("Lost", "lost")
    assert found["C"][4] is not None
    assert found["D"][:2] == ("Prospecting", "open")
    assert {*Deal.objects.values_list("pipeline", "currency")} == {(pipeline.pk, "USD")}
    assert differences(STAGE_STATS) == []


def test_imported_deals_each_have_a_place_of_their_own(pipeline, bring_in):
    bring_in("name\n" + "".join(f"Deal {number}\n" for number in range(500)))

    assert Deal.objects.values("pos").distinct().count() == 500
    positions = sorted(Deal.objects.values_list("pos", flat=True))
    assert min(high - low for low, high in pairwise(positions)) >= 1_024


def test_unknown_customer_product_and_person_are_told_and_the_deal_counts(in_tenant, pipeline, bring_in, admin):
    known = make_customer(in_tenant, name="Blue River", name_sort="blue river")
    for _ in range(2):
        make_customer(in_tenant, name="Twin", name_sort="twin")
    Product(name="GTX Pro", currency="USD").save()

    run = bring_in(
        "name,customer,product,owner\n"
        "A,Blue River,GTX Pro,admin@acme.example\n"
        "B,Red Hill,GTXPro,Moses Frase\n"
        "C,Twin,,\n"
    )

    assert (run.created_count, run.failed_count, run.noted_count) == (3, 0, 2)
    assert noted(run) == [
        (3, "customer", Fault.NOT_FOUND),
        (3, "owner", Fault.NO_MEMBER),
        (3, "product", Fault.NOT_FOUND),
        (4, "customer", Fault.AMBIGUOUS),
    ]
    rows = Deal.objects.order_by("name").values_list("customer", "product__name", "owner__email")
    assert list(rows) == [(known.pk, "GTX Pro", "admin@acme.example"), (None, None, None), (None, None, None)]


def test_deal_without_a_name_has_that_of_its_product(pipeline, bring_in, admin):
    bring_in("product,stage\nGTXPro,Won\n")

    assert Deal.objects.values_list("name", "name_sort").get() == ("GTXPro", "gtxpro")
    assert find_deals(admin.membership, "gtxpro", 5) == [Deal.objects.get()]


def test_stage_that_the_tenant_does_not_have_is_an_error(pipeline, bring_in):
    run = bring_in("name,stage\nA,Somewhere\nB,Engaging\n")

    assert (run.created_count, run.failed_count) == (1, 1)
    assert run.row_errors.values_list("row_no", "field", "code").get() == (2, "stage", Fault.BAD_CHOICE)


def test_stages_are_meant_by_name_by_default_names_of_both_languages_and_by_what_people_say(in_tenant, pipeline):
    renewals = make_pipeline(in_tenant, "Renewals", position=1)
    words = {word: pk for pk, some in stage_words().items() for word in some}

    first = {one.name: str(one.pk) for one in pipeline.stages.all()}
    assert words["prospecting"] == first["Prospecting"]
    assert (words["closed won"], words["赢单"], words["输单"]) == (first["Won"], first["Won"], first["Lost"])
    assert words["renewals: engaging"] == str(stage(renewals, "Engaging").pk)


def test_known_deal_that_the_file_puts_elsewhere_has_it_in_its_history(in_tenant, pipeline, bring_in, admin):
    since = timezone.now() - timedelta(days=5)
    deal = make_deal(pipeline, external_id="7", stage_since=since)
    reason = make_lost_reason(in_tenant)

    bring_in(
        f"name,id,stage,lost reason\nPilot order,7,Lost,{reason.name}\n",
        membership=admin.membership,
        match_key="external_id",
    )

    change = DealStageChange.objects.get()
    assert (change.from_stage.name, change.to_stage.name, change.stayed_seconds // 86_400) == ("Prospecting", "Lost", 5)
    deal.refresh_from_db()
    assert (deal.status, deal.lost_reason, deal.closed_at is not None) == ("lost", reason, True)


def test_import_of_deals_is_undone(pipeline, bring_in):
    run = bring_in("name,stage\nA,Won\nB,Engaging\n")

    undo_import(run)

    assert not Deal.objects.exists()
    assert differences(STAGE_STATS) == []


def test_leads_come_with_their_words_and_what_is_open_about_them(in_tenant, bring_in, admin):
    run = bring_in(
        "姓名,公司,手机号,线索状态,来源,负责人\n李四,华星科技,13800000000,跟进中,官网传单,admin@acme.example\n",
        kind="leads",
    )

    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.phone, lead.status, lead.source, lead.owner) == (
        "李四",
        "华星科技",
        "13800000000",
        "working",
        "import",
        admin.user,
    )
    assert noted(run) == [(2, "source", Fault.BAD_CHOICE)]
    assert find_leads(admin.membership, "华星", 5) == [lead]


def test_lead_cannot_be_imported_as_converted(in_tenant, bring_in):
    run = bring_in("name,status\nAnn,converted\n", kind="leads")

    assert run.failed_count == 1


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/data/crm-sales-pipeline is not on this machine")
def test_sales_pipeline_of_the_reference_data_shows_its_figures(in_tenant, bring_in):
    """8,800 deals as the file is, after its accounts and products; figures of its README."""
    make_pipeline(
        in_tenant,
        stages=(("Prospecting", "open", 10), ("Engaging", "open", 30), ("Won", "won", 100), ("Lost", "lost", 0)),
    )
    bring_in(REFERENCE / "accounts.csv", kind="customers")
    bring_in(REFERENCE / "products.csv", kind="products")

    run = bring_in(REFERENCE / "sales_pipeline.csv")

    assert (run.created_count, run.failed_count) == (8_800, 0)
    stages = dict(Deal.objects.values_list("stage__name").annotate(n=Count("pk")).order_by())
    assert stages == {"Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500}
    assert round(100 * stages["Won"] / (stages["Won"] + stages["Lost"]), 2) == 63.15
    # What the products file spells otherwise is told, and its deals are there.
    wrong = run.row_errors.filter(field="product")
    assert {*wrong.values_list("value", "code")} == {("GTXPro", Fault.NOT_FOUND)}
    assert wrong.count() == Deal.objects.filter(name="GTXPro", product__isnull=True).count() == 1_480
    assert Deal.objects.filter(customer__isnull=True).count() == 1_425
    assert Deal.objects.filter(opened_on__isnull=True).count() == 500
    days = {
        kind: [
            (timezone.localdate(closed) - begun).days
            for begun, closed in Deal.objects.filter(status=kind).values_list("opened_on", "closed_at")
        ]
        for kind in ("won", "lost")
    }
    assert (round(fmean(days["won"]), 2), median(days["won"])) == (51.78, 57)
    assert (round(fmean(days["lost"]), 2), median(days["lost"])) == (41.48, 14)
    assert differences(STAGE_STATS) == []
    won = Deal.objects.filter(status="won")
    assert sum(won.values_list("amount", flat=True)) == 10_005_534_00


def test_declaration_can_be_mapped_from_the_headings_of_the_reference_data():
    headings = [
        *("opportunity_id", "sales_agent", "product", "account"),
        *("deal_stage", "engage_date", "close_date", "close_value"),
    ]

    assert suggest(DEALS.fields, headings) == {
        "external_id": 0,
        "owner": 1,
        "product": 2,
        "customer": 3,
        "stage": 4,
        "opened_on": 5,
        "closed_at": 6,
        "amount": 7,
    }
