"""The first page: each role finds its own figures there, and nothing it may not see."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_customer
from tests.factories.deals import make_deal, make_pipeline
from tests.factories.marketing import make_result
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def business(in_tenant):
    customer = make_customer(in_tenant)
    pipeline = make_pipeline(in_tenant)
    make_deal(pipeline, "Won", amount=50_000_00, customer=customer)
    make_deal(pipeline, "Lost", customer=customer)
    make_ticket(queue=make_queue(), customer=customer)
    make_result(customer)


def panel(member) -> str:
    page = member.get("?panels=all").content.decode()
    found = re.search(r'<section class="gx-card" aria-labelledby="panel-analytics.month">.*?</section>', page, re.S)
    return found[0] if found else ""


def figures(member) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]*)</dt>\s*<dd>([^<]*)", panel(member))
    return {label: value.strip() for label, value in found}


SOLD = {"Deals won": "1", "Win rate": "50%"}
SERVED = {"New tickets": "1", "Targets kept": "100%"}
ADVERTISED = {"Campaign results": "1"}


def test_each_role_finds_the_figures_of_its_work(business, admin, analyst, lead, marketer):
    new = {"New customers": "1"}

    assert figures(admin) == figures(analyst) == new | SOLD | SERVED | ADVERTISED
    assert figures(lead) == new | SERVED
    assert figures(marketer) == new | ADVERTISED


def test_manager_finds_those_of_the_team(business, manager):
    assert figures(manager) == {"New customers": "0", "Deals won": "0", "Win rate": "–"}


def test_panel_leads_to_the_dashboard_where_one_may_go_there(business, analyst, marketer):
    assert "analytics/dashboards/" in panel(analyst)
    assert "analytics/dashboards/" not in panel(marketer)


def test_whoever_does_the_work_themselves_has_no_such_panel(business, owner, reader):
    assert panel(owner) == panel(reader) == ""
