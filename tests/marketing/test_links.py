"""What the links in a mail do: count people and not programs, lead on, and unsubscribe by POST alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crm.public.tokens import make_token
from crm.tenancy.context import use_tenant
from customers.models import Customer
from marketing.choices import HitKind, HitSource, SendState, SuppressionReason
from marketing.composing import token_of
from marketing.hits import MOST_KEPT, source_of
from marketing.link_pages import masked
from marketing.models import Campaign, CampaignLink, Hit, Send, Suppression
from tests.factories import make_customer
from tests.factories.marketing import make_campaign, make_send, make_suppression

pytestmark = pytest.mark.django_db
PERSON = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"}


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()


@pytest.fixture
def send(in_tenant) -> Send:
    campaign = make_campaign(in_tenant)
    CampaignLink.objects.create(campaign=campaign, position=0, url="https://acme.example/summer?a=1")
    CampaignLink.objects.create(campaign=campaign, position=1, url="https://acme.example/more")
    return make_send(campaign, sent_at=timezone.now() - timedelta(hours=1))


def path(send: Send, page: str) -> str:
    return f"/e/{token_of(send.tenant, send.pk)}/{page}"


def campaign_of(send: Send) -> Campaign:
    return Campaign.objects.get(pk=send.campaign_id)


def hits() -> list[tuple[str, str]]:
    return list(Hit.objects.order_by("pk").values_list("kind", "source"))


# -- opens and clicks


def test_an_opening_is_counted_once_for_the_person_and_each_time_in_all(client, send):
    for _ in range(3):
        response = client.get(path(send, "open.gif"), headers=PERSON)

    campaign = campaign_of(send)
    assert response["Content-Type"] == "image/gif"
    assert response.content.startswith(b"GIF89a")
    assert "no-store" in response["Cache-Control"]
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (campaign.opened_count, campaign.open_total, campaign.machine_total) == (1, 3, 0)
    assert Send.objects.get().opened_at is not None
    assert hits() == [(HitKind.OPEN, HitSource.HUMAN)] * 3


def test_a_click_leads_on_and_is_an_opening_too(client, send):
    response = client.get(path(send, "to/0/"), headers=PERSON)
    client.get(path(send, "to/0/"), headers=PERSON)

    campaign, link = campaign_of(send), CampaignLink.objects.get(position=0)
    assert (response.status_code, response["Location"]) == (302, "https://acme.example/summer?a=1")
    assert (campaign.clicked_count, campaign.click_total, campaign.opened_count) == (1, 2, 1)
    assert (link.clicked_count, link.click_total) == (1, 2)


def test_two_people_are_two(client, send):
    other = make_send(send.campaign, make_customer(send.tenant, name="Bob", email="bob@river.example"))

    client.get(path(send, "to/1/"), headers=PERSON)
    client.get(path(other, "to/1/"), headers=PERSON)

    assert campaign_of(send).clicked_count == 2
    assert CampaignLink.objects.get(position=1).clicked_count == 2


@pytest.mark.parametrize(
    ("method", "headers", "seconds", "source"),
    [
        ("GET", PERSON, 600, HitSource.HUMAN),
        ("HEAD", PERSON, 600, HitSource.PROGRAM),
        ("GET", {}, 600, HitSource.PROGRAM),
        ("GET", {"user-agent": "Mozilla/5.0"}, 600, HitSource.PROGRAM),
        ("GET", {"user-agent": "curl/8.5.0"}, 600, HitSource.PROGRAM),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 600, HitSource.PROGRAM),
        ("GET", {"user-agent": "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)"}, 600,
         HitSource.HUMAN),
        ("GET", PERSON | {"sec-purpose": "prefetch;prerender"}, 600, HitSource.PREFETCH),
        ("GET", PERSON | {"x-moz": "prefetch"}, 600, HitSource.PREFETCH),
        ("GET", PERSON, 1, HitSource.TOO_SOON),
    ],
)  # fmt: skip
def test_programs_are_told_from_people(method, headers, seconds, source):
    now = timezone.now()

    found = source_of(
        method=method, headers=headers, sent_at=now - timedelta(seconds=seconds), now=now, other_link_at=None
    )

    assert found == source


def test_who_follows_every_link_at_once_is_a_program(client, send):
    client.get(path(send, "to/0/"), headers=PERSON)
    client.get(path(send, "to/1/"), headers=PERSON)

    assert hits() == [(HitKind.CLICK, HitSource.HUMAN), (HitKind.CLICK, HitSource.TOO_MANY)]
    assert CampaignLink.objects.get(position=1).click_total == 0


def test_what_programs_do_is_kept_and_not_counted_as_people(client, send):
    client.get(path(send, "open.gif"), headers={"user-agent": "Barracuda Sentinel (EE)"})
    response = client.get(path(send, "to/0/"), headers={"user-agent": "python-requests/2.32"})

    campaign = campaign_of(send)
    assert response.status_code == 302
    assert (campaign.opened_count, campaign.clicked_count, campaign.open_total, campaign.click_total) == (0, 0, 0, 0)
    assert campaign.machine_total == 2
    assert Send.objects.get().opened_at is None
    assert hits() == [(HitKind.OPEN, HitSource.PROGRAM), (HitKind.CLICK, HitSource.PROGRAM)]


def test_a_mail_that_is_hit_without_end_fills_no_table(client, send):
    Send.objects.update(hit_count=MOST_KEPT)

    response = client.get(path(send, "to/0/"), headers=PERSON)

    assert response.status_code == 302
    assert not Hit.objects.exists()


@pytest.mark.parametrize("page", ["to/7/", "to/99999999999999999999/", "elsewhere/"])
def test_a_link_that_the_mail_does_not_have_leads_nowhere(client, send, page):
    assert client.get(path(send, page), headers=PERSON).status_code == 404


def test_the_address_does_not_say_where_it_leads(client, send):
    response = client.get(path(send, "to/0/?url=https://evil.example"), headers=PERSON)

    assert response["Location"] == "https://acme.example/summer?a=1"


def test_a_link_of_another_tenants_mail_is_not_there(client, send, other_tenant):
    elsewhere = f"/e/{make_token(other_tenant, 'send', send.pk)}/"

    for page in ("open.gif", "to/0/", "unsubscribe/", "one-click/"):
        assert client.get(elsewhere + page, headers=PERSON).status_code == 404
    assert not Hit.objects.exists()


def test_a_click_takes_few_statements(client, send, django_assert_num_queries):
    client.get(path(send, "to/0/"), headers=PERSON)

    with django_assert_num_queries(14):
        client.get(path(send, "to/0/"), headers=PERSON)


# -- unsubscribing


def test_looking_at_the_page_unsubscribes_nobody(client, send):
    """Gateways follow every link of a mail."""
    for page in ("unsubscribe/", "one-click/"):
        for method in (client.get, client.head):
            response = method(path(send, page), headers=PERSON)
            assert response.status_code in (200, 302)

    assert not Suppression.objects.exists()
    assert campaign_of(send).unsubscribed_count == 0


def test_one_click_unsubscribes(send):
    """RFC 8058: the mail provider posts this, without a cookie or a page of ours."""
    provider = Client(enforce_csrf_checks=True)

    for _ in range(2):
        response = provider.post(path(send, "one-click/"), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 204

    suppression = Suppression.objects.get()
    assert (suppression.email, suppression.reason) == ("ann@river.example", SuppressionReason.UNSUBSCRIBED)
    assert suppression.campaign == send.campaign
    assert campaign_of(send).unsubscribed_count == 1
    assert Send.objects.get().unsubscribed_at is not None


def test_a_browser_that_opens_the_one_click_address_is_led_to_the_page(client, send):
    response = client.get(path(send, "one-click/"), follow=True, headers=PERSON | {"accept-language": "en"})

    assert "Stop the campaign mails of Acme Trading to" in response.content.decode()


def test_a_person_unsubscribes_and_may_come_back(client, send):
    asked = client.get(path(send, "unsubscribe/"), headers={"accept-language": "en"})
    assert "a…n@river.example" in asked.content.decode()
    assert "ann@river.example" not in asked.content.decode()

    done = client.post(path(send, "unsubscribe/"), follow=True, headers={"accept-language": "en"})
    assert "gets no more campaign mails from Acme Trading" in done.content.decode()
    assert Suppression.objects.count() == 1

    again = client.post(path(send, "unsubscribe/"), {"again": "1"}, follow=True, headers={"accept-language": "en"})
    assert "to a…n@river.example" in again.content.decode()
    assert not Suppression.objects.exists()
    assert campaign_of(send).unsubscribed_count == 0


def test_who_is_left_out_for_another_reason_does_not_come_back_by_a_link(client, send):
    make_suppression(send.tenant, reason=SuppressionReason.COMPLAINT)

    client.post(path(send, "unsubscribe/"), {"again": "1"})

    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT


def test_a_form_from_elsewhere_unsubscribes_nobody(send):
    elsewhere = Client(enforce_csrf_checks=True)

    assert elsewhere.post(path(send, "unsubscribe/"), headers={"origin": "https://evil.example"}).status_code == 403
    assert not Suppression.objects.exists()


def test_the_page_is_in_the_visitors_language_and_the_tenants_name(client, send):
    for language in ("en", "zh-hans"):
        page = client.get(path(send, "unsubscribe/"), headers={"accept-language": language})
        assert page["Content-Language"] == language
        assert "Acme Trading" in page.content.decode()


def test_a_trial_mail_unsubscribes_nobody(client, send):
    trial = f"/e/{make_token(send.tenant, 'trial', 0)}/trial/"

    assert client.get(trial).status_code == 200
    assert client.post(trial).status_code == 405
    assert client.get(f"/e/{make_token(send.tenant, 'trial', send.pk)}/unsubscribe/").status_code == 404


def test_a_mail_of_a_deleted_customer_leads_nowhere(client, send):
    with use_tenant(send.tenant):
        Customer.objects.all()._raw_delete("default")

    assert client.get(path(send, "to/0/"), headers=PERSON).status_code == 404


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ann@river.example", "a…n@river.example"),
        ("ab@river.example", "a…@river.example"),
        ("a@b.example", "a…@b.example"),
    ],
)
def test_an_address_is_shown_so_that_only_its_owner_knows_it(email, shown):
    assert masked(email) == shown


def test_the_state_of_a_mail_stays_what_it_is(client, send):
    client.get(path(send, "to/0/"), headers=PERSON)

    assert Send.objects.get().state == SendState.SENT
