"""The pages of campaigns: what may be done when, and what became of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.jobs.models import Job
from marketing.choices import CampaignState, HitKind, HitSource, SendState
from marketing.models import Campaign, CampaignLink, Hit, Send
from tests.factories import make_customer
from tests.factories.marketing import make_campaign, make_people, make_segment, make_send, make_template, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(in_tenant):
    return make_campaign(in_tenant)


def url(campaign: Campaign, verb: str = "") -> str:
    return f"marketing/campaigns/{campaign.pk}/{verb}"


def set_state(campaign: Campaign, state: CampaignState, **fields) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state=state, **fields)


def test_a_campaign_is_drafted(in_tenant, marketer):
    segment, template = make_segment(in_tenant), make_template(in_tenant)
    data = {"name": "Spring", "segment": segment.pk, "template": template.pk, "reply_to": " Shop@ACME.example "}

    response = marketer.post("marketing/campaigns/new/", data)

    campaign = Campaign.objects.get()
    assert response.status_code == 302
    assert (campaign.state, campaign.created_by, campaign.reply_to) == ("draft", marketer.user, "shop@acme.example")
    assert not Job.objects.exists()


def test_a_new_campaign_begins_with_who_writes(in_tenant, marketer):
    form = marketer.get("marketing/campaigns/new/").context["form"]

    assert (form.initial["sender_name"], form.initial["reply_to"]) == ("Acme Trading", "marketer@acme.example")


def test_a_draft_shows_who_would_get_what(in_tenant, campaign, marketer):
    make_people(in_tenant, 2)
    make_customer(in_tenant, name="Silent")

    page = marketer.get(url(campaign))

    assert (str(page.context["reach"]), str(page.context["reachable"])) == ("3", "2")
    assert page.context["preview"].subject == "Summer at Acme Trading"
    assert page.context["report"] is None


def test_a_draft_whose_segment_is_not_understood_says_so(in_tenant, marketer):
    campaign = make_campaign(in_tenant, segment=make_segment(in_tenant, rule("gone.app", "is", 1)))
    make_people(in_tenant, 1)

    assert "not known here any more" in marketer.get(url(campaign)).content.decode()
    response = marketer.post(url(campaign, "send/"), {"when": "now"})
    assert response.status_code == 422
    assert Campaign.objects.get().state == CampaignState.DRAFT


# -- sending it


def test_a_campaign_is_sent_now(in_tenant, campaign, marketer):
    make_people(in_tenant, 1)

    response = marketer.post(url(campaign, "send/"), {"when": "now"})

    assert response.status_code == 302
    assert Campaign.objects.get().state == CampaignState.SCHEDULED
    assert Job.objects.get().kind == "marketing.begin"


def test_a_campaign_is_sent_later(in_tenant, campaign, marketer):
    make_people(in_tenant, 1)
    at = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)

    marketer.post(url(campaign, "send/"), {"when": "later", "at": f"{at:%Y-%m-%dT%H:%M}"})

    assert Campaign.objects.get().scheduled_at == at
    assert Job.objects.get().next_attempt_at == at
    assert "Scheduled" in marketer.get(url(campaign)).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"when": "later"}, "Say when the campaign shall go out."),
        ({"when": "later", "at": "2020-01-01T10:00"}, "This moment has passed."),
        ({"when": "later", "at": "soon"}, "Enter a valid date/time."),
        ({"when": "never"}, "Select a valid choice."),
        ({"when": "now"}, "Nobody of this segment has an e-mail address"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(in_tenant, campaign, marketer, data, words):
    response = marketer.post(url(campaign, "send/"), data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_the_question_says_how_many_get_it(in_tenant, campaign, marketer):
    make_people(in_tenant, 3)

    assert str(marketer.get(url(campaign, "send/")).context["reachable"]) == "3"


# -- what may be done when


ACTIONS = {
    "edit": {CampaignState.DRAFT},
    "send": {CampaignState.DRAFT},
    "trial": {CampaignState.DRAFT, CampaignState.SCHEDULED},
    "unschedule": {CampaignState.SCHEDULED},
    "pause": {CampaignState.SENDING},
    "resume": {CampaignState.PAUSED},
    "cancel": {CampaignState.SENDING, CampaignState.PAUSED},
    "delete": {CampaignState.DRAFT, CampaignState.SENT, CampaignState.CANCELLED},
    "copy": set(CampaignState),
}


@pytest.mark.parametrize("state", CampaignState)
def test_a_step_is_offered_while_it_makes_sense(campaign, marketer, state):
    make_people(campaign.tenant, 1)
    set_state(campaign, state)

    page = marketer.get(url(campaign)).content.decode()

    assert {action for action in ACTIONS if f'/{action}/"' in page} == {
        action for action, states in ACTIONS.items() if state in states
    }


@pytest.mark.parametrize("state", CampaignState)
@pytest.mark.parametrize("action", ["edit", "send", "unschedule", "pause", "resume", "cancel", "delete"])
def test_who_comes_too_late_for_a_step_is_told_so(campaign, marketer, state, action):
    """From a page that was opened before: somebody else was faster, or the campaign went on by itself."""
    if state in ACTIONS[action]:
        return
    set_state(campaign, state)
    fields = {"name": "Changed", "segment": campaign.segment_id, "template": campaign.template_id, "version": 1}

    asked = marketer.get(url(campaign, f"{action}/"))
    done = marketer.post(url(campaign, f"{action}/"), fields | {"when": "now"})

    assert asked.status_code == 200
    assert done.status_code in (400, 422)
    assert "The campaign is in another state by now." in done.content.decode()
    assert (Campaign.objects.get().state, Campaign.objects.get().name) == (state, "Summer sale")


@pytest.mark.parametrize("action", ["edit", "send", "delete", "copy", "trial"])
def test_who_only_reads_changes_nothing(campaign, reader, owner, analyst, manager, action):
    for member in (reader, owner, analyst, manager):
        assert member.post(url(campaign, f"{action}/")).status_code == 403


def test_everybody_sees_campaigns(campaign, reader, owner):
    for member in (reader, owner):
        assert member.get(url(campaign)).status_code == 200


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (CampaignState.SCHEDULED, "unschedule", CampaignState.DRAFT),
        (CampaignState.SENDING, "pause", CampaignState.PAUSED),
        (CampaignState.PAUSED, "resume", CampaignState.SENDING),
        (CampaignState.PAUSED, "cancel", CampaignState.CANCELLED),
        (CampaignState.SENDING, "cancel", CampaignState.CANCELLED),
    ],
)
def test_a_button_moves_the_campaign(campaign, marketer, before, verb, after):
    set_state(campaign, before, started_at=timezone.now(), sent_by=marketer.user)

    response = marketer.post(url(campaign, f"{verb}/"))

    assert response.status_code == 302
    assert Campaign.objects.get().state == after


def test_a_copy_is_a_new_draft(campaign, marketer):
    set_state(campaign, CampaignState.SENT, sent_count=5)
    data = {"name": "Again", "once": "7b6a2f5e-2a3b-4c4d-8e8f-0a0b0c0d0e0f"}

    first = marketer.post(url(campaign, "copy/"), data)
    second = marketer.post(url(campaign, "copy/"), data)

    copy = Campaign.objects.get(name="Again")
    assert first["Location"] == second["Location"]
    assert (copy.state, copy.segment, copy.template, copy.sent_count) == (
        "draft",
        campaign.segment,
        campaign.template,
        0,
    )


def test_deleting_a_campaign_says_what_goes_along_and_takes_it(campaign, marketer):
    make_send(campaign)
    set_state(campaign, CampaignState.SENT)

    assert "Recipients" in marketer.get(url(campaign, "delete/")).content.decode()
    assert marketer.post(url(campaign, "delete/")).status_code == 302
    assert not Send.objects.exists()


# -- the report


@pytest.fixture
def sent(in_tenant, campaign):
    began = timezone.now() - timedelta(hours=5)
    people = make_people(in_tenant, 6)
    states = [SendState.SENT] * 3 + [SendState.BOUNCED, SendState.UNKNOWN, SendState.SUPPRESSED]
    sends = [make_send(campaign, person, state=state) for person, state in zip(people, states, strict=True)]
    link = CampaignLink.objects.create(
        campaign=campaign, position=0, url="https://acme.example/", clicked_count=1, click_total=2
    )
    for send, kind, source, hours in (
        (sends[0], HitKind.OPEN, HitSource.HUMAN, 1),
        (sends[1], HitKind.OPEN, HitSource.HUMAN, 1),
        (sends[0], HitKind.CLICK, HitSource.HUMAN, 3),
        (sends[2], HitKind.OPEN, HitSource.PROGRAM, 1),
    ):
        at = began + timedelta(hours=hours)
        Hit.objects.create(
            campaign=campaign,
            send=send,
            kind=kind,
            source=source,
            at=at,
            link=link if kind == HitKind.CLICK else None,
        )
    set_state(
        campaign,
        CampaignState.SENT,
        started_at=began,
        finished_at=began,
        subject="Summer at {{ tenant.name }}",
        html="<p>Dear {{ customer.name }}</p>",
        language="en",
        found_count=9,
        recipient_count=5,
        without_email_count=3,
        suppressed_count=1,
        sent_count=3,
        bounced_count=1,
        unknown_count=1,
        opened_count=2,
        clicked_count=1,
        open_total=2,
        click_total=1,
        machine_total=1,
    )
    return Campaign.objects.get(pk=campaign.pk)


def test_the_report_says_what_became_of_it(sent, marketer):
    report = marketer.get(url(sent)).context["report"]

    assert [(figure.number, figure.share) for figure in report.reach] == [(3, "60%"), (2, "67%"), (1, "33%"), (0, "0%")]
    assert [figure.number for figure in report.outcome] == [0, 1, 0, 1]
    assert [figure.number for figure in report.left_out] == [9, 3, 0, 1]
    assert [(link.url, link.clicked_count, link.click_total) for link in report.links] == [
        ("https://acme.example/", 1, 2)
    ]


def test_the_report_draws_what_people_did_and_not_what_programs_did(sent, marketer):
    report = marketer.get(url(sent)).context["report"]

    assert [(bar.opens, bar.clicks) for bar in report.bars] == [(2, 0), (0, 0), (0, 1)]
    assert [bar.open_height for bar in report.bars] == [100, 0, 0]
    assert report.is_by_hour


def test_the_report_names_those_nobody_knows_of(sent, marketer):
    text = marketer.get(url(sent)).content.decode()
    listed = marketer.get(f"marketing/recipients/?campaign={sent.pk}&state=unknown")

    assert f"/marketing/recipients/?campaign={sent.pk}&amp;state=unknown" in text
    assert [row.email for row in listed.context["rows"].rows] == ["p0004@mail.example"]


def test_while_it_is_sent_the_report_counts_the_ledger_itself(sent, marketer):
    set_state(sent, CampaignState.SENDING, sent_count=0)

    part = marketer.get(url(sent), headers={"hx-request": "true", "hx-target": "campaign-progress"})

    assert part.context["report"].reach[0].number == 3
    assert "<html" not in part.content.decode()
    assert 'hx-trigger="every 2s"' in part.content.decode()


def test_when_it_has_ended_the_page_is_read_anew(sent, marketer):
    part = marketer.get(url(sent), headers={"hx-request": "true", "hx-target": "campaign-progress"})

    assert (part.status_code, part["HX-Refresh"]) == (204, "true")


def test_what_was_sent_is_shown_as_it_was(sent, marketer):
    sent.template.subject = "Changed"
    sent.template.save()

    assert marketer.get(url(sent)).context["preview"].subject == "Summer at Acme Trading"


REPORT_QUERIES, LIST_QUERIES, RECIPIENT_QUERIES = 8, 6, 7


def test_the_report_states_its_statements(sent, marketer, django_assert_num_queries):
    marketer.get(url(sent))

    with django_assert_num_queries(REPORT_QUERIES):
        marketer.get(url(sent))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements(in_tenant, marketer, number, django_assert_num_queries):
    segment, template = make_segment(in_tenant), make_template(in_tenant)
    for place in range(number):
        make_campaign(in_tenant, name=f"Campaign {place}", segment=segment, template=template)
    marketer.get("marketing/campaigns/")

    with django_assert_num_queries(LIST_QUERIES):
        assert len(marketer.get("marketing/campaigns/").context["rows"].rows) == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_recipients_take_the_same_statements(in_tenant, campaign, marketer, number, django_assert_num_queries):
    for person in make_people(in_tenant, number):
        make_send(campaign, person)
    marketer.get(f"marketing/recipients/?campaign={campaign.pk}")

    with django_assert_num_queries(RECIPIENT_QUERIES):
        page = marketer.get(f"marketing/recipients/?campaign={campaign.pk}")

    assert len(page.context["rows"].rows) == number


def test_recipients_are_seen_by_who_sees_the_customer(in_tenant, campaign, owner, colleague, marketer):
    mine, theirs = make_people(in_tenant, 2)
    mine.owner, theirs.owner = owner.user, colleague.user
    mine.save()
    theirs.save()
    for person in (mine, theirs):
        make_send(campaign, person)

    assert [row.email for row in owner.get("marketing/recipients/").context["rows"].rows] == [mine.email]
    assert len(marketer.get("marketing/recipients/").context["rows"].rows) == 2
