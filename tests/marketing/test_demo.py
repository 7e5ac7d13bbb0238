"""The demo's two years of campaigns: believable, the same each time, and added to without doubling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from crm.demo.people import create_people
from crm.demo.registry import DemoTenant
from crm.tenancy.context import use_tenant
from customers.demo import NUMBER, fill_customers
from marketing import demo as story
from marketing.choices import CampaignState, HitKind, HitSource, SendState
from marketing.content import Content
from marketing.models import Campaign, CampaignResult, Hit, Segment, Send, Suppression
from tests.factories import make_customer, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["en", "zh-hans"])
def world(request, monkeypatch):
    # VACUUM does not run inside a test's transaction.
    monkeypatch.setattr("customers.demo.settle", lambda *models: None)
    monkeypatch.setattr(story, "settle", lambda *models: None)
    tenant = make_tenant("demo", language=request.param)
    people = create_people(tenant)
    made = DemoTenant(tenant=tenant, people=people, now=timezone.now(), customers=120, say=lambda line: None)
    with use_tenant(tenant):
        fill_customers(made)
        story.fill_marketing(made)
        yield made


def test_two_years_of_campaigns_with_what_became_of_them(world):
    sent = list(Campaign.objects.filter(state=CampaignState.SENT).order_by("started_at"))

    assert 12 <= len(sent) <= 18
    assert world.now - sent[0].started_at > timedelta(days=650)
    assert all(one.sent_count > one.opened_count >= one.clicked_count for one in sent if one.sent_count > 5)
    assert {one.state for one in Campaign.objects.all()} >= {"draft", "paused", "sent"}
    totals = Campaign.objects.aggregate(Sum("sent_count"), Sum("opened_count"), Sum("clicked_count"))
    assert 0.2 < totals["opened_count__sum"] / totals["sent_count__sum"] < 0.7
    assert CampaignResult.objects.count() > 20
    assert Suppression.objects.exists()


def test_every_count_follows_from_the_rows_behind_it(world):
    for campaign in Campaign.objects.filter(started_at__isnull=False):
        sends = Send.objects.filter(campaign=campaign)
        hits = Hit.objects.filter(campaign=campaign, source=HitSource.HUMAN)
        assert campaign.recipient_count == sends.count()
        assert campaign.sent_count == sends.filter(state=SendState.SENT).count()
        assert campaign.opened_count == sends.filter(opened_at__isnull=False).count()
        assert campaign.clicked_count == sends.filter(clicked_at__isnull=False).count()
        assert campaign.open_total == hits.filter(kind=HitKind.OPEN).count()
        assert campaign.click_total == hits.filter(kind=HitKind.CLICK).count()
    assert not Send.objects.filter(clicked_at__lt=F("opened_at")).exists()
    assert not Send.objects.filter(opened_at__gt=world.now).exists()


def test_nobody_gets_mail_after_unsubscribing(world):
    for suppression in Suppression.objects.all():
        later = Send.objects.filter(email=suppression.email, campaign__started_at__gt=suppression.created_at)
        assert not later.exclude(campaign=suppression.campaign).exists()


def test_segments_and_mails_of_the_demo_can_be_used(world):
    assert Segment.objects.count() == 5
    for segment in Segment.objects.all():
        assert segment.read().rules
    for campaign in Campaign.objects.select_related("template"):
        Content.of_campaign(campaign).check()


def test_a_second_time_adds_nothing(world):
    before = (Campaign.objects.count(), Send.objects.count(), Hit.objects.count(), CampaignResult.objects.count())

    story.fill_marketing(world)

    after = (Campaign.objects.count(), Send.objects.count(), Hit.objects.count(), CampaignResult.objects.count())
    assert after == before


def test_customer_ten_million_has_dice_like_the_first(world):
    tenant = world.tenant
    make_customer(tenant, external_id=f"{NUMBER}9999999", email="last@mail.example", created_at=world.now)

    dice = story._customers(17, world.now + timedelta(days=1)).values_list("number", "dice", "fate", "eager", "delay")

    last = dice.get(email="last@mail.example")
    assert last[0] == 9_999_999
    assert all(0 <= one < 1_000 for one in last[1:])
