"""Addresses that campaigns leave out."""

import pytest

from marketing.choices import SuppressionReason
from marketing.models import Suppression
from marketing.sending import leave_out
from tests.factories.marketing import make_campaign, make_suppression

pytestmark = pytest.mark.django_db


def test_an_address_is_entered_as_it_is_compared(in_tenant, marketer):
    data = {"email": " Ann@RIVER.example ", "reason": "complaint", "note": "Called"}

    response = marketer.post("marketing/suppressions/new/", data)

    found = Suppression.objects.get()
    assert response.status_code == 302
    assert (found.email, found.reason, found.created_by) == ("ann@river.example", "complaint", marketer.user)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "a b@c.example"])
def test_what_is_no_address_is_refused(in_tenant, marketer, email):
    response = marketer.post("marketing/suppressions/new/", {"email": email, "reason": "manual"})

    assert response.status_code == 422
    assert not Suppression.objects.exists()


def test_an_address_stands_there_once(in_tenant, marketer):
    make_suppression(in_tenant)

    response = marketer.post("marketing/suppressions/new/", {"email": "ANN@river.example", "reason": "manual"})

    assert response.status_code == 422
    assert "This address is left out already." in response.content.decode()


def test_leaving_out_twice_keeps_the_first_reason(in_tenant):
    campaign = make_campaign(in_tenant)

    assert leave_out("Ann@river.example", SuppressionReason.UNSUBSCRIBED, campaign=campaign)
    assert not leave_out("ann@river.example", SuppressionReason.BOUNCED)
    assert Suppression.objects.get().reason == SuppressionReason.UNSUBSCRIBED


def test_who_takes_a_person_off_the_list_is_warned(in_tenant, marketer):
    asked = make_suppression(in_tenant, reason=SuppressionReason.UNSUBSCRIBED)
    bounced = make_suppression(in_tenant, email="b@c.example", reason=SuppressionReason.BOUNCED)

    words = "only when they have asked you to"
    assert words in marketer.get(f"marketing/suppressions/{asked.pk}/delete/").content.decode()
    assert words not in marketer.get(f"marketing/suppressions/{bounced.pk}/delete/").content.decode()
    assert marketer.post(f"marketing/suppressions/{asked.pk}/delete/").status_code == 302
    assert Suppression.objects.get() == bounced


def test_deleting_a_campaign_keeps_who_unsubscribed_from_it(in_tenant, marketer):
    campaign = make_campaign(in_tenant)
    make_suppression(in_tenant, campaign=campaign)

    assert marketer.post(f"marketing/campaigns/{campaign.pk}/delete/").status_code == 302

    assert Suppression.objects.get().campaign is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements(in_tenant, marketer, number, django_assert_num_queries):
    for place in range(number):
        make_suppression(in_tenant, email=f"{place}@b.example")
    marketer.get("marketing/suppressions/")

    with django_assert_num_queries(6):
        assert len(marketer.get("marketing/suppressions/").context["rows"].rows) == number
