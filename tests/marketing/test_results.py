"""What advertisements came to: entered, imported as people send it, and shown with the customer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm.exports.files import Format
from crm.exports.operations import export_to, listing_for
from crm.imports.operations import begin_import, start_import
from crm.jobs import run_job
from marketing.choices import Result
from marketing.models import CampaignResult
from tests.factories import make_customer
from tests.factories.marketing import make_campaign, make_result, make_send, make_suppression

pytestmark = pytest.mark.django_db

CHINESE = "name,date,ad,result\n张三,2021-01-01,广告1,成功\n李四,2021-01-02,广告2,失败\n王五,2021-01-03,广告3,成功\n"
ENGLISH = (
    "name,date,ad,result\n张三,2021-01-01,Ad 1,success\n李四,2021-01-02,Ad 2,failure\n王五,2021-01-03,Ad 3,Success\n"
)


@pytest.fixture
def three(in_tenant):
    return [make_customer(in_tenant, name=name) for name in ("张三", "李四", "王五")]


def imported(tenant, member, text: str, tmp_path: Path):
    path = tmp_path / "marketing.csv"
    path.write_text(text, encoding="utf-8")
    with path.open("rb") as source:
        run = begin_import(
            tenant=tenant, membership=member.membership, kind="campaign_results", source=source, name=path.name
        )
    job = run_job(start_import(run=run, membership=member.membership, wake=False))
    run.refresh_from_db()
    return job, run


@pytest.mark.parametrize("text", [CHINESE, ENGLISH])
def test_the_file_is_taken_as_it_is(in_tenant, three, marketer, tmp_path, text):
    job, run = imported(in_tenant, marketer, text, tmp_path)

    results = list(CampaignResult.objects.order_by("result_on").select_related("customer"))
    assert (job.state, run.created_count, run.failed_count) == ("succeeded", 3, 0)
    assert [(one.customer.name, one.result_on, one.result) for one in results] == [
        ("张三", date(2021, 1, 1), Result.SUCCESS),
        ("李四", date(2021, 1, 2), Result.FAILURE),
        ("王五", date(2021, 1, 3), Result.SUCCESS),
    ]
    assert [one.ad[-1] for one in results] == ["1", "2", "3"]


def test_a_row_that_makes_no_sense_is_an_error_and_the_others_come_in(in_tenant, three, marketer, tmp_path):
    text = CHINESE + "赵六,2021-01-04,广告4,成功\n张三,2021-01-05,广告5,也许\n"

    _job, run = imported(in_tenant, marketer, text, tmp_path)

    assert (run.created_count, run.failed_count) == (3, 2)


def test_what_was_imported_is_exported_again(in_tenant, three, marketer, tmp_path):
    imported(in_tenant, marketer, CHINESE, tmp_path)

    rows = export_to(tmp_path / "x.csv", listing_for(marketer.membership, "campaign_results"), Format.CSV)

    text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    assert rows == 3
    assert "广告2" in text


def test_who_may_not_import_is_not_offered_it(in_tenant, owner, marketer):
    assert "kind=campaign_results" in marketer.get("marketing/results/").content.decode()
    assert "kind=campaign_results" not in owner.get("marketing/results/").content.decode()


def test_a_result_is_entered_and_changed(in_tenant, three, marketer):
    data = {"customer": three[0].pk, "ad": "Poster", "result_on": "2026-03-31", "result": "success"}
    assert marketer.post("marketing/results/new/", data).status_code == 302
    result = CampaignResult.objects.get()

    changed = data | {"result": "failure", "version": result.version}
    assert marketer.post(f"marketing/results/{result.pk}/edit/", changed).status_code == 302

    result.refresh_from_db()
    assert (result.result, result.version) == (Result.FAILURE, 2)


def test_results_are_seen_by_who_sees_the_customer(in_tenant, three, owner, colleague):
    three[0].owner = owner.user
    three[0].save()
    result = make_result(three[0])

    assert owner.get(f"marketing/results/{result.pk}/").status_code == 200
    assert colleague.get(f"marketing/results/{result.pk}/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements(in_tenant, marketer, three, number, django_assert_num_queries):
    for customer in three[:number]:
        make_result(customer)
    marketer.get("marketing/results/")

    with django_assert_num_queries(6):
        assert len(marketer.get("marketing/results/").context["rows"].rows) == number


# -- the card on a customer's page


def test_a_customers_page_shows_its_campaigns_and_results(in_tenant, marketer):
    customer = make_customer(in_tenant, email="ann@river.example")
    make_send(make_campaign(in_tenant), customer)
    make_result(customer, ad="Trade fair")
    make_suppression(in_tenant)

    text = marketer.get(f"customers/{customer.pk}/?cards=1").content.decode()

    assert "Summer sale" in text
    assert "Trade fair" in text
    assert "Wants no campaign mails." in text


def test_a_customer_without_campaigns_has_no_card_for_those_who_only_look(in_tenant, reader, marketer):
    customer = make_customer(in_tenant)

    assert "No campaign yet." not in reader.get(f"customers/{customer.pk}/?cards=1").content.decode()
    assert "No campaign yet." in marketer.get(f"customers/{customer.pk}/?cards=1").content.decode()


def test_deleting_a_customer_takes_mails_and_results_along(in_tenant, admin):
    customer = make_customer(in_tenant, email="ann@river.example")
    make_send(make_campaign(in_tenant), customer)
    make_result(customer)

    page = admin.get(f"customers/{customer.pk}/delete/").content.decode()
    assert "Recipients" in page
    assert "Campaign results" in page
    assert admin.post(f"customers/{customer.pk}/delete/").status_code == 302
    assert not CampaignResult.objects.exists()
