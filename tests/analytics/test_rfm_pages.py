"""The customer analysis: figures and segments of those whom one sees, and the card on a customer's page."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.models import CustomerRfm
from analytics.operations.rfm import RFM, compute_rfm
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from tests.crm.imports.conftest import bring_in  # noqa: F401  # fixture of all imports
from tests.factories import make_customer
from tests.factories.sales_documents import make_transaction

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 31)
PAGE = "analytics/customers/"


def buyer(tenant, name: str, *amounts: int, days_ago: int = 0, **fields):
    customer = make_customer(tenant, name=name, **fields)
    for amount in amounts:
        at = datetime(2026, 3, 31, 12, tzinfo=UTC) - timedelta(days=days_ago)
        make_transaction(customer, tenant, amount=amount, at=at)
    return customer


@pytest.fixture
def customers(in_tenant, owner, colleague):
    ann = buyer(in_tenant, "Ann", 100_000, 200_000, owner=owner.user)
    buyer(in_tenant, "Ben", 5_000, days_ago=300, owner=colleague.user)
    buyer(in_tenant, "Cas", 7_000, days_ago=200)
    compute_rfm(tenant=in_tenant, as_of=TODAY)
    return ann


def names(response) -> list[str]:
    return [row.customer.name for row in response.context["rows"].rows]


def test_sample_purchases_give_the_figures_that_were_promised(stranger, other_tenant, bring_in):  # noqa: F811
    with use_tenant(other_tenant):
        bring_in("name,phone,address\n张三,13800000000,北京市\n李四,13800000001,上海市\n王五,13800000002,广州市\n")
        bring_in(
            "name,date,city,amount\n张三,2021-01-01,北京市,1000\n李四,2021-01-02,上海市,2000\n王五,2021-01-03,广州市,3000\n",
            "transactions",
        )
        compute_rfm(tenant=other_tenant, as_of=TODAY)

    figures = stranger.get(PAGE).context["page"].figures

    assert (figures.total, figures.average, figures.highest, figures.lowest) == (600_000, 200_000, 300_000, 100_000)
    assert (figures.customers, figures.purchases) == (3, 3)
    page = stranger.get(PAGE).content.decode()
    assert [amount in page for amount in ("6,000.00", "2,000.00", "3,000.00", "1,000.00")] == [True] * 4


def test_who_bought_most_stands_first(admin, customers):
    assert names(admin.get(PAGE)) == ["Ann", "Cas", "Ben"]
    assert names(admin.get(f"{PAGE}?sort=last_on")) == ["Ben", "Cas", "Ann"]
    assert names(admin.get(f"{PAGE}?sort=-purchase_count"))[0] == "Ann"


def test_segment_shows_its_customers_and_its_figures(admin, customers):
    response = admin.get(f"{PAGE}?segment=champions")

    assert names(response) == ["Ann"]
    assert response.context["page"].figures.total == 300_000
    assert "Bought lately, buy often and spend much." in response.content.decode()


def test_segments_stand_as_tabs_with_their_counts(admin, customers):
    tabs = [view.name for view, _is_current in admin.get(PAGE).context["page"].ready_tabs]

    assert tabs[0] == "Champions 1"
    assert sum(int(name.rsplit(" ", 1)[1]) for name in tabs) == 3


def test_representative_sees_figures_of_own_customers_only(owner, customers):
    response = owner.get(PAGE)

    assert names(response) == ["Ann"]
    assert (response.context["page"].figures.total, response.context["page"].figures.customers) == (300_000, 1)


def test_other_tenant_sees_nothing_of_it(stranger, customers):
    response = stranger.get(PAGE)

    assert names(response) == []
    assert response.context["page"].figures is None


@pytest.mark.parametrize("buyers", [1, 3])
def test_statements_of_the_page(admin, in_tenant, buyers, django_assert_num_queries):
    for place in range(buyers):
        buyer(in_tenant, f"Customer {place}", 100 * (place + 1))
    compute_rfm(tenant=in_tenant, as_of=TODAY)
    admin.get(PAGE)

    # Session, person, membership and settings; saved views, rows, sums by segment, when it was computed.
    with django_assert_num_queries(QUERIES):
        admin.get(PAGE)


QUERIES = 8


def test_compute_anew_begins_a_job_and_leads_to_it(admin, customers):
    response = admin.post(f"{PAGE}compute/")

    job = Job.objects.get(kind=RFM)
    assert response["Location"] == f"/t/acme/jobs/{job.pk}/"
    assert job.user == admin.user
    assert admin.post(f"{PAGE}compute/")["Location"] == response["Location"]
    assert Job.objects.filter(kind=RFM).count() == 1


def test_who_may_not_see_the_running_job_is_told_that_it_runs(admin, manager, customers):
    admin.post(f"{PAGE}compute/")

    response = manager.post(f"{PAGE}compute/", follow=True)

    assert response.redirect_chain[-1][0] == f"/t/acme/{PAGE}"
    assert "The analysis is running already." in response.content.decode()


@pytest.mark.parametrize("who", ["owner", "reader"])
def test_computing_is_for_those_who_look_over(who, request, customers):
    member = request.getfixturevalue(who)

    assert member.post(f"{PAGE}compute/").status_code == 403
    assert "Compute anew" not in member.get(PAGE).content.decode()


def test_customers_page_has_the_analysis(owner, customers):
    page = owner.get(f"customers/{customers.pk}/?cards=1").content.decode()

    assert "Champions" in page
    assert [amount in page for amount in ("$3,000.00", "$1,500.00", "$2,000.00", "$1,000.00")] == [True] * 4


def test_customer_who_bought_nothing_has_no_card(admin, in_tenant):
    customer = make_customer(in_tenant)

    assert "Recency" not in admin.get(f"customers/{customer.pk}/?cards=1").content.decode()


def test_analysis_goes_with_its_customer(customers):
    customers.delete()

    assert not CustomerRfm.objects.filter(customer__name="Ann").exists()
