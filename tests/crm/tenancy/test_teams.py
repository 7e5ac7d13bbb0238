"""Teams are a tree; `path` is what "team and teams below" reads."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_a_moved_team_takes_the_teams_below_with_it(tenant):
    sales, east = tenant.teams.create(name="Sales"), tenant.teams.create(name="East")
    north = tenant.teams.create(name="North", parent=sales)
    city = tenant.teams.create(name="City", parent=north)

    north.parent = east
    north.save()

    city.refresh_from_db()
    assert city.path == f"/{east.pk}/{north.pk}/{city.pk}/"
    sales.refresh_from_db()
    assert sales.path == f"/{sales.pk}/"


def test_a_team_cannot_be_below_itself(tenant):
    sales = tenant.teams.create(name="Sales")
    north = tenant.teams.create(name="North", parent=sales)

    sales.parent = north
    with pytest.raises(ValidationError, match="below itself"):
        sales.save()


def test_a_team_stays_in_its_tenant(tenant, other_tenant):
    theirs = other_tenant.teams.create(name="Sales")

    with pytest.raises(ValidationError, match="one tenant"):
        tenant.teams.create(name="North", parent=theirs)
