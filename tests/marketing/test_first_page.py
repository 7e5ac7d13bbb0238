"""What a marketer begins the day with, finds by typing, and what a new tenant has."""

import pytest
from django.utils import timezone, translation

from crm.tenancy.context import use_tenant
from crm.tenancy.operations import create_tenant
from marketing.choices import CampaignState
from marketing.content import Content
from marketing.models import EmailTemplate, Segment
from marketing.search_kinds import find_campaigns
from tests.factories.marketing import make_campaign, make_segment, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaigns(in_tenant):
    segment, template = make_segment(in_tenant), make_template(in_tenant)

    def make(name, state):
        return make_campaign(
            in_tenant, name=name, state=state, segment=segment, template=template, scheduled_at=timezone.now()
        )

    return [
        make("夏季促销", CampaignState.SENT),
        make("Trade fair", CampaignState.SCHEDULED),
        make("Price list", CampaignState.DRAFT),
    ]


def test_the_first_page_shows_what_is_on_its_way_and_what_waits(campaigns, marketer):
    text = marketer.get("?panels=all").content.decode()

    for name in ("夏季促销", "Trade fair", "Price list"):
        assert name in text


def test_the_first_page_of_others_has_no_campaigns(campaigns, owner, admin):
    for member in (owner, admin):
        assert "夏季促销" not in member.get("?panels=all").content.decode()


def test_a_marketer_without_campaigns_is_told_how_to_begin(in_tenant, marketer):
    assert "No campaign has been sent yet" in marketer.get("?panels=all").content.decode()


@pytest.mark.parametrize("text", ["夏季", "促销", "xiaji", "xia ji", "XIAJI"])
def test_a_campaign_is_found_by_any_part_of_its_name(campaigns, marketer, text):
    assert [one.name for one in find_campaigns(marketer.membership, text, 10)] == ["夏季促销"]


def test_the_palette_knows_the_words_of_both_languages(in_tenant, marketer):
    for text in ("segments", "人群", "renqun"):
        page = marketer.get("search/results/", data={"q": text}).content.decode()
        assert "/marketing/segments/" in page


@pytest.mark.parametrize(("language", "name"), [("en", "Newsletter"), ("zh-hans", None)])
def test_a_new_tenant_has_a_segment_and_a_mail_in_its_language(language, name):
    tenant = create_tenant(slug="new", name="New Ltd", language=language)

    with use_tenant(tenant):
        template = EmailTemplate.objects.get()
        content = Content.of_template(template)
        with translation.override(language):
            content.check()
        assert template.language == language
        assert name is None or template.name == name
        assert Segment.objects.get().read().every_rule()[0].trait.name == "customers.email"
