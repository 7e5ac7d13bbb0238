"""Two years of campaigns with what became of them.

All of it is written by statements over sets: who was sent what, opened and clicked follows from the number of the
customer and of the campaign, so the same demo comes out each time, with four hundred customers and with a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Mod, Substr

from crm.demo.bulk import settle
from crm.demo.registry import DemoTenant, demo
from crm.tenancy.inserts import insert_from
from crm.tenancy.models import Membership
from customers.models import Customer

from .choices import CampaignState, HitKind, HitSource, Result, SendState, SuppressionReason
from .composing import links_of
from .content import Content
from .demo_texts import ACTIVE, CONDITIONS, KEY, NEWSLETTER, OFFER, RETURN, TEXTS, WON_BACK, Words
from .models import Campaign, CampaignLink, CampaignResult, EmailTemplate, Hit, Segment, Send, Suppression
from .operations import schedule_campaign
from .sending import settle_counts

NUMBER = "DEMO-"
EVERY = timedelta(days=43)
DAYS = 720
# Of a thousand customers with an address, so many get a campaign. Large installations write to a smaller part.
REACH, LARGE_REACH, LARGE = 620, 60, 20_000
_KINDS = (NEWSLETTER, OFFER, NEWSLETTER, RETURN)
_SEGMENTS = {NEWSLETTER: ACTIVE, OFFER: ACTIVE, RETURN: WON_BACK}
_STAGES = {NEWSLETTER: ["active", "engaged", "lapsed"], OFFER: ["active", "engaged"], RETURN: ["lapsed", "lost"]}
# Of a thousand: who opens, and who of all clicks.
_OPENS = {NEWSLETTER: 410, OFFER: 460, RETURN: 230}
_CLICKS = {NEWSLETTER: 120, OFFER: 170, RETURN: 45}


@demo
def fill_marketing(world: DemoTenant) -> None:
    words = TEXTS[world.is_chinese]
    with transaction.atomic():
        segments, templates = _create_segments(world, words), _create_templates(world, words)
    plans = _plans(world, words)
    known = set()
    with transaction.atomic():
        known = set(Campaign.objects.values_list("name", flat=True))
    new = [plan for plan in plans if plan.name not in known]
    for plan in new:
        with transaction.atomic():
            _send(world, plan, segments[_SEGMENTS[plan.kind]], templates[plan.kind])
    with transaction.atomic():
        _unfinished(world, words, segments, templates, known)
        _results(world, words)
    if new:
        world.say(f"{world.tenant.slug}: {len(plans)} campaigns")
        settle(Send, Hit, Campaign, CampaignResult)


@dataclass(frozen=True)
class Plan:
    number: int
    kind: str
    name: str
    at: datetime


def _plans(world: DemoTenant, words: Words) -> list[Plan]:
    """Every six weeks a mail, the oldest first; named by its season."""
    zone = ZoneInfo(world.tenant.time_zone)
    found: list[Plan] = []
    number = 0
    day = world.now.astimezone(zone).date() - timedelta(days=5)
    begin = day - timedelta(days=DAYS)
    while day > begin:
        kind = _KINDS[number % len(_KINDS)]
        # A working day, at ten.
        working = day - timedelta(days=max(0, day.weekday() - 4))
        season = words.seasons[working.month % 12 // 3]
        year = working.year + (working.month == 12)
        name = words.names[kind].format(season=season, year=year)
        if all(plan.name != name for plan in found):
            found.append(Plan(number, kind, name, datetime.combine(working, time(10), zone)))
        day -= EVERY
        number += 1
    return found[::-1]


def _create_segments(world: DemoTenant, words: Words) -> dict[str, Segment]:
    user = world.people["marketer"]
    return {
        key: Segment.objects.get_or_create(
            name=name,
            defaults={
                "note": note,
                "conditions": {"match": "all", "rules": CONDITIONS[key]},
                "created_by": user,
            },
        )[0]
        for key, (name, note) in words.segments.items()
    }


def _create_templates(world: DemoTenant, words: Words) -> dict[str, EmailTemplate]:
    user = world.people["marketer"]
    return {
        key: EmailTemplate.objects.get_or_create(
            name=name,
            defaults={"language": world.tenant.language, "subject": subject, "body": body, "created_by": user},
        )[0]
        for key, (name, subject, body) in words.templates.items()
    }


def _campaign(world: DemoTenant, name: str, segment: Segment, template: EmailTemplate, **fields) -> Campaign:
    user = world.people["marketer"]
    return Campaign.objects.create(
        name=name,
        segment=segment,
        template=template,
        sender_name=user.name,
        reply_to=user.email,
        created_by=user,
        **fields,
    )


def _send(world: DemoTenant, plan: Plan, segment: Segment, template: EmailTemplate) -> None:
    """A campaign as if it had been sent then."""
    campaign = _sent_campaign(world, plan.name, segment, template, plan.at)
    mailed = _customers(plan.number, plan.at).filter(stage__in=_STAGES[plan.kind])
    share = REACH if world.customers <= LARGE else LARGE_REACH
    insert_from(Send, _fate(campaign, plan), _recipients(mailed.filter(dice__lt=share)))
    _hits(campaign)
    _leave_out_who_unsubscribed(campaign)
    _count(campaign, mailed)


def _sent_campaign(world: DemoTenant, name: str, segment: Segment, template: EmailTemplate, at: datetime) -> Campaign:
    content = Content.of_template(template)
    campaign = _campaign(
        world,
        name,
        segment,
        template,
        state=CampaignState.SENT,
        scheduled_at=at,
        started_at=at,
        finished_at=at + timedelta(minutes=9),
        sent_by=world.people["marketer"],
        subject=content.subject,
        html=content.html,
        text=content.text,
        language=content.language,
        created_at=at - timedelta(days=3),
        updated_at=at + timedelta(minutes=9),
    )
    CampaignLink.objects.bulk_create(
        CampaignLink(campaign=campaign, position=place, url=url) for place, url in enumerate(links_of(content.html))
    )
    return campaign


def _customers(salt: int, at: datetime) -> QuerySet[Any]:
    """The demo's customers of that time, each with dice of its own for this campaign, from 0 to 999."""
    # The dice of a millionth customer have ten digits before they are cut.
    number = Cast(Substr("external_id", len(NUMBER) + 1), BigIntegerField())
    rows = Customer.objects.filter(external_id__prefix=NUMBER, created_at__lt=at).annotate(number=number)
    for name, factor in (("dice", 7919), ("fate", 6007), ("eager", 3571), ("delay", 8221)):
        rows = rows.annotate(**{name: Mod(F("number") * factor + (salt + 3) * factor * 31, 1000)})
    return rows.filter(~Q(email=""))


def _recipients(rows: QuerySet[Customer]) -> QuerySet[Any]:
    """One customer for each address, without those that are left out."""
    left_out = Suppression.objects.filter(tenant_id=OuterRef("tenant_id"), email=OuterRef("email"))
    return rows.filter(~Exists(left_out)).order_by("email", "pk").distinct("email")


def _after(at: datetime, dice: str, most: timedelta) -> ExpressionWrapper:
    """A moment up to `most` later; small dice are soon, and most mails are opened soon."""
    cube = ExpressionWrapper(F(dice) * F(dice) * F(dice) * Value(most / 10**9), output_field=DurationField())
    return ExpressionWrapper(Value(at) + cube, output_field=DateTimeField())


def _fate(campaign: Campaign, plan: Plan) -> dict:
    """What became of each mail: a few came back, some were opened, fewer clicked."""
    arrived = Q(fate__gte=16)
    opened = arrived & Q(eager__lt=_OPENS[plan.kind])
    clicked = arrived & Q(eager__lt=_CLICKS[plan.kind])
    moment: dict[str, Any] = {"default": Value(None), "output_field": DateTimeField()}
    sent_at = Value(plan.at + timedelta(minutes=4))
    seen_at, clicked_at, gone_at = (
        _after(plan.at + timedelta(minutes=minutes), "delay", timedelta(days=4)) for minutes in (6, 7, 8)
    )
    return {
        "campaign": Value(campaign.pk),
        "customer": F("pk"),
        "email": F("email"),
        "state": Case(
            When(fate__lt=11, then=Value(SendState.BOUNCED.value)),
            When(fate__lt=15, then=Value(SendState.FAILED.value)),
            When(fate__lt=16, then=Value(SendState.UNKNOWN.value)),
            default=Value(SendState.SENT.value),
            output_field=CharField(),
        ),
        "problem": Case(
            When(fate__lt=11, then=Value("550 5.1.1")),
            When(fate__lt=15, then=Value("552 5.3.4")),
            When(fate__lt=16, then=Value("worker died")),
            default=Value(""),
            output_field=CharField(),
        ),
        "sent_at": Case(When(arrived, then=sent_at), **moment),
        "opened_at": Case(When(opened, then=seen_at), **moment),
        "clicked_at": Case(When(clicked, then=clicked_at), **moment),
        "unsubscribed_at": Case(When(opened & Q(fate__gte=982), then=gone_at), **moment),
    }


def _hits(campaign: Campaign) -> None:
    """The openings and clicks behind the moments; some look a second time, and gateways open mails by themselves."""
    sends = Send.objects.filter(campaign=campaign)
    links = list(campaign.links.order_by("position").values_list("pk", flat=True))
    human, program = Value(HitSource.HUMAN.value), Value(HitSource.PROGRAM.value)
    common = {"campaign": Value(campaign.pk), "send": F("pk")}
    opens = {"kind": Value(HitKind.OPEN.value), "link": Value(None, output_field=IntegerField())}
    again = ExpressionWrapper(F("opened_at") + Value(timedelta(hours=5)), output_field=DateTimeField())
    opened = sends.filter(opened_at__isnull=False)
    insert_from(Hit, common | opens | {"source": human, "at": F("opened_at")}, opened)
    insert_from(
        Hit, common | opens | {"source": human, "at": again}, opened.annotate(part=Mod("customer_id", 3)).filter(part=0)
    )
    scanned = sends.filter(sent_at__isnull=False).annotate(part=Mod("customer_id", 9)).filter(part=0)
    insert_from(Hit, common | opens | {"source": program, "at": F("sent_at")}, scanned)
    if links:
        which = Case(
            *(When(part=place, then=Value(link)) for place, link in enumerate(links)),
            default=Value(links[0]),
            output_field=IntegerField(),
        )
        clicked = sends.filter(clicked_at__isnull=False).annotate(part=Mod("customer_id", len(links) + 1))
        clicks = {"kind": Value(HitKind.CLICK.value), "link": which, "source": human, "at": F("clicked_at")}
        insert_from(Hit, common | clicks, clicked)


def _leave_out_who_unsubscribed(campaign: Campaign) -> None:
    known = Suppression.objects.filter(tenant_id=OuterRef("tenant_id"), email=OuterRef("email"))
    gone = Send.objects.filter(campaign=campaign).filter(~Exists(known))
    for rows, reason, at in (
        (gone.filter(unsubscribed_at__isnull=False), SuppressionReason.UNSUBSCRIBED, F("unsubscribed_at")),
        (gone.filter(state=SendState.BOUNCED), SuppressionReason.BOUNCED, Value(campaign.started_at)),
    ):
        values = {
            "email": F("email"),
            "reason": Value(reason.value),
            "campaign": Value(campaign.pk),
            "note": F("problem"),
            "created_at": at,
        }
        insert_from(Suppression, values, rows)


def _count(campaign: Campaign, mailed: QuerySet[Customer]) -> None:
    settle_counts(campaign)
    sends = Send.objects.filter(campaign=campaign).aggregate(
        opened=Count("opened_at"), clicked=Count("clicked_at"), gone=Count("unsubscribed_at"), all=Count("pk")
    )
    hits = Hit.objects.filter(campaign=campaign).aggregate(
        opens=Count("pk", filter=Q(kind=HitKind.OPEN, source=HitSource.HUMAN)),
        clicks=Count("pk", filter=Q(kind=HitKind.CLICK, source=HitSource.HUMAN)),
        machines=Count("pk", filter=~Q(source=HitSource.HUMAN)),
    )
    silent = Customer.objects.filter(external_id__prefix=NUMBER, email="", created_at__lt=campaign.started_at).count()
    Campaign.objects.filter(pk=campaign.pk).update(
        recipient_count=sends["all"],
        without_email_count=silent,
        found_count=sends["all"] + silent,
        opened_count=sends["opened"],
        clicked_count=sends["clicked"],
        unsubscribed_count=sends["gone"],
        open_total=hits["opens"],
        click_total=hits["clicks"],
        machine_total=hits["machines"],
    )
    by_link = Hit.objects.filter(campaign=campaign, link__isnull=False).order_by().values_list("link")
    for link, number in by_link.annotate(number=Count("pk")):
        CampaignLink.objects.filter(pk=link).update(clicked_count=number, click_total=number)


def _unfinished(
    world: DemoTenant, words: Words, segments: dict[str, Segment], templates: dict[str, EmailTemplate], known: set[str]
) -> None:
    """A draft, one that waits for its day, and one that was paused halfway."""
    if words.draft not in known:
        _campaign(world, words.draft, segments[ACTIVE], templates[NEWSLETTER])
    membership = Membership.objects.select_related("tenant", "user", "team").get(
        tenant=world.tenant, user=world.people["marketer"]
    )
    if words.scheduled not in known and segments[KEY].members(membership).exclude(email="").exists():
        campaign = _campaign(world, words.scheduled, segments[KEY], templates[OFFER])
        zone = ZoneInfo(world.tenant.time_zone)
        day = world.now.astimezone(zone).date() + timedelta(days=4)
        schedule_campaign(campaign=campaign, membership=membership, at=datetime.combine(day, time(9, 30), zone))
    if words.paused not in known:
        _paused(world, words.paused, segments[KEY], templates[RETURN])


def _paused(world: DemoTenant, name: str, segment: Segment, template: EmailTemplate) -> None:
    at = world.now - timedelta(hours=20)
    campaign = _sent_campaign(world, name, segment, template, at)
    rows = _customers(77, world.now).filter(level="a", dice__lt=REACH if world.customers <= LARGE else LARGE_REACH)
    state = Case(
        When(fate__lt=600, then=Value(SendState.SENT.value)),
        default=Value(SendState.QUEUED.value),
        output_field=CharField(),
    )
    sent_at = Case(When(fate__lt=600, then=Value(at)), default=Value(None), output_field=DateTimeField())
    values = {
        "campaign": Value(campaign.pk),
        "customer": F("pk"),
        "email": F("email"),
        "state": state,
        "sent_at": sent_at,
    }
    insert_from(Send, values, _recipients(rows))
    _count(campaign, rows)
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PAUSED, finished_at=None)


def _results(world: DemoTenant, words: Words) -> None:
    """What advertisements on other channels came to with some customers, over the two years."""
    if CampaignResult.objects.exists():
        return
    today = world.now.date()
    for place, ad in enumerate(words.ads):
        rows = _customers(place * 13, world.now).filter(dice__lt=90 if world.customers <= LARGE else 20)
        day = ExpressionWrapper(
            Value(today - timedelta(days=15 + 110 * place)) - F("delay") * Value(timedelta(minutes=120)),
            output_field=DateTimeField(),
        )
        values = {
            "customer": F("pk"),
            "ad": Value(ad),
            "result": Case(
                When(eager__lt=340 + 30 * (place % 3), then=Value(Result.SUCCESS.value)),
                default=Value(Result.FAILURE.value),
                output_field=CharField(),
            ),
            "result_on": Cast(day, output_field=CampaignResult._meta.get_field("result_on")),
            "note": Value(""),
            "version": Value(1),
            "created_at": Value(world.now),
            "updated_at": Value(world.now),
        }
        insert_from(CampaignResult, values, rows)
