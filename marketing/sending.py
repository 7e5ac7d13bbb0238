"""How a campaign's mails leave: many workers, one ledger, nobody twice.

A worker claims a batch, opens one line to the mail server, and for each mail writes "sending" and commits before the
server is told, and what the server said afterwards. Whoever dies in between leaves one row that says "sending": nobody
knows whether that mail left, so it becomes "unknown", is listed, and is not sent again by itself. Rows that were only
claimed have not been near the server and go back to the queue.

A claim is a job and its attempt. A new attempt settles what the one before has left; the older one, should it come
back, finds no row of its claim any more and stops.

The commits between two mails do not wait for the disk, which would take longer than the mail. Everybody sees them at
once, so a worker that dies loses none; PostgreSQL itself, when it crashes, may lose those of its last second. So each
claim leaves a mark in a table that PostgreSQL empties when it crashes, or when another server takes over: without its
mark, a row that was claimed may have been sent, and becomes "unknown" too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, CharField, DateTimeField, Exists, F, Min, Q, QuerySet, Value, When
from django.utils import timezone

from crm.errors import JobCancelled
from crm.jobs import JobContext
from crm.jobs.models import Job
from crm.mail.bulk import Answer, BulkMail, Line, MailServerGone, Reply, open_line
from crm.observe.logs import get_logger
from crm.tenancy.compiled import CompiledUpdate

from .choices import CampaignState, SendState, SuppressionReason
from .composing import Composer, token_of
from .content import Content
from .models import Campaign, ClaimMark, Send, Suppression

log = get_logger(__name__)

BATCH = 100
# After this the job steps aside, so that no other work waits for all of a large campaign.
TURN_SECONDS = 60
# How often the counts on the campaign's row are brought up to date while it runs.
SETTLE_SECONDS = 5
SERVER_GONE_SECONDS = 60
MOST_TRIES = 5
FIRST_WAIT = timedelta(minutes=5)
OPEN_STATES = (SendState.QUEUED, SendState.CLAIMED, SendState.SENDING)

MARKS_KEPT = timedelta(days=7)

WORKER_DIED = "worker died"
SERVER_FORGOT = "database crashed"
LINE_BROKE = "line broke"

_BECOMES = {
    Answer.NO_MAILBOX: SendState.BOUNCED,
    Answer.REFUSED: SendState.FAILED,
    Answer.UNKNOWN: SendState.UNKNOWN,
}


_NO_ROW = 0


def _move(
    tenant_id: int, job_id: int, claim: int, campaign_id: int, done_id: int, sent_at: object, next_id: int
) -> tuple[QuerySet[Send], dict[str, Any]]:
    """One mail is sent, and the next one on its way, unless the campaign was stopped or the claim is no longer ours."""
    campaigns: QuerySet[Campaign] = QuerySet(Campaign)
    sends: QuerySet[Send] = QuerySet(Send)
    going_on = campaigns.filter(tenant_id=tenant_id, pk=campaign_id, state=CampaignState.SENDING)
    is_done = Q(pk=done_id, state=SendState.SENDING)
    is_next = Q(pk=next_id, state=SendState.CLAIMED) & Q(Exists(going_on))
    rows = sends.filter(is_done | is_next, tenant_id=tenant_id, claimed_by=job_id, claim=claim)
    was_sending = When(state=SendState.SENDING, then=Value(SendState.SENT.value))
    return rows, {
        "state": Case(was_sending, default=Value(SendState.SENDING.value), output_field=CharField()),
        "sent_at": Case(
            When(state=SendState.SENDING, then=Value(sent_at, output_field=DateTimeField())), default=F("sent_at")
        ),
    }


_MOVE = CompiledUpdate(
    _move,
    samples=(9_000_001, 9_000_002, 9_000_003, 9_000_004, 9_000_005, datetime(1970, 1, 1, tzinfo=UTC), 9_000_006),
)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one mail, to be written with the next step."""

    row: Send
    reply: Reply


class Sender:
    """One attempt of one job at a campaign."""

    def __init__(self, ctx: JobContext, campaign: Campaign):
        self.ctx, self.campaign = ctx, campaign
        self.claim = {"job_id": ctx.job_id, "claim": ctx.attempt}
        with transaction.atomic():
            links = list(campaign.links.order_by("position").values_list("url", flat=True))
        self.composer = Composer(Content.of_campaign(campaign), ctx.tenant, links)
        self._began = time.monotonic()
        self._settled_at = 0.0
        self._next_at = 0.0

    def run(self) -> None:
        """Send what is due. Returns when there is nothing left for this job, or the campaign was stopped."""
        release_left(self.campaign, Q(claimed_by=self.ctx.job_id, claim__lt=self.ctx.attempt))
        ClaimMark.objects.create(job_id=self.ctx.job_id, claim=self.ctx.attempt)
        try:
            while True:
                while rows := self._claim_batch():
                    self._send(rows)
                    self._tell()
                    if time.monotonic() - self._began > TURN_SECONDS:
                        self.ctx.put_off()
                if self._is_over():
                    break
        except MailServerGone:
            log.warning("mails wait, the mail server is gone", campaign=self.campaign.pk)
            self._tell(force=True)
            self.ctx.put_off(SERVER_GONE_SECONDS)
        except JobCancelled:
            # Who cancels the work in the list of jobs means the campaign.
            pause_if_sending(self.campaign)
            raise

    def _claim_batch(self) -> list[Send]:
        """Take rows that nobody has, and say so. Empty when there are none, or the campaign is not being sent."""
        with transaction.atomic():
            if not Campaign.objects.filter(pk=self.campaign.pk, state=CampaignState.SENDING).exists():
                return []
            due = Send.objects.due(self.campaign.pk).select_for_update(skip_locked=True).order_by("pk")
            rows = list(due[:BATCH])
            if rows:
                claimed = {"state": SendState.CLAIMED, "claimed_by": self.ctx.job_id, "claim": self.ctx.attempt}
                Send.objects.filter(pk__in=[row.pk for row in rows]).update(**claimed)
                # Fails for an attempt that was taken over, and the claim with it.
                self.ctx.save_checkpoint()
            return rows

    def _send(self, rows: Sequence[Send]) -> None:
        with transaction.atomic():
            customers = self.composer.customers([row.customer_id for row in rows])
        done: Done | None = None
        try:
            with open_line() as line:
                for row in rows:
                    customer = customers.get(row.customer_id)
                    if customer is None:
                        # Deleted meanwhile, and the row with it.
                        continue
                    mail = self.composer.mail(customer, row.email, token_of(self.ctx.tenant, row.pk))
                    self._keep_pace()
                    last, done = done, None
                    if not self._step(last, row):
                        break
                    done = Done(row, self._hand_over(line, mail, row))
        finally:
            self._step(done, None)
            release_left(self.campaign, self._held())

    def _hand_over(self, line: Line, mail: BulkMail, row: Send) -> Reply:
        try:
            return line.hand_over(mail.compose())
        except ValueError as error:
            # An address that cannot be written down. Nothing has been near the server.
            return Reply(Answer.REFUSED, type(error).__name__)
        except MailServerGone:
            with transaction.atomic():
                mine = Send.objects.held(**self.claim).filter(pk=row.pk, state=SendState.SENDING)
                mine.update(state=SendState.CLAIMED)
            raise

    def _step(self, done: Done | None, row: Send | None) -> bool:
        """Write what became of the last mail, and that the next one is being handed over. False: do not.

        One commit for both. From it on the row is no longer one that could be sent again.
        """
        if done is not None and done.reply.answer != Answer.TAKEN:
            self._write(done)
            done = None
        if done is None and row is None:
            return False
        wanted = (done is not None) + (row is not None)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            written = _MOVE.run(
                self.ctx.tenant.pk,
                self.ctx.job_id,
                self.ctx.attempt,
                self.campaign.pk,
                done.row.pk if done else _NO_ROW,
                timezone.now() if done else None,
                row.pk if row else _NO_ROW,
            )
        return row is not None and written == wanted

    def _write(self, done: Done) -> None:
        """What became of a mail that was not simply taken."""
        with transaction.atomic():
            now = timezone.now()
            mine = Send.objects.held(**self.claim).filter(pk=done.row.pk, state=SendState.SENDING)
            reply = done.reply
            if reply.answer == Answer.LATER and done.row.tries_count + 1 < MOST_TRIES:
                wait = FIRST_WAIT * 2**done.row.tries_count
                mine.update(
                    state=SendState.QUEUED,
                    claimed_by=None,
                    tries_count=F("tries_count") + 1,
                    due_at=now + wait,
                    problem=reply.words,
                )
                return
            state = _BECOMES.get(reply.answer, SendState.FAILED)
            written = mine.update(state=state, problem=LINE_BROKE if state == SendState.UNKNOWN else reply.words)
            if written and state == SendState.BOUNCED:
                leave_out(done.row.email, SuppressionReason.BOUNCED, campaign=self.campaign, note=reply.words)

    def _held(self) -> Q:
        return Q(claimed_by=self.ctx.job_id, claim=self.ctx.attempt)

    def _keep_pace(self) -> None:
        rate = settings.CAMPAIGN_MAILS_PER_SECOND / settings.CAMPAIGN_SENDERS
        if rate <= 0:
            return
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = max(self._next_at, time.monotonic() - 1) + 1 / rate

    def _tell(self, *, force: bool = False) -> None:
        """Counts for those who look on; and where a cancelled job or a stopping worker ends."""
        if force or time.monotonic() - self._settled_at > SETTLE_SECONDS:
            self._settled_at = time.monotonic()
            with transaction.atomic():
                settle_counts(self.campaign)
        total = self.campaign.recipient_count
        self.ctx.progress(total - self.campaign.left_count, total)

    def _is_over(self) -> bool:
        """Nothing more to take: finish, leave the rest to others, or wait for what the mail server has put off."""
        with transaction.atomic():
            if finish_if_done(self.campaign):
                return True
            waiting = Send.objects.filter(campaign=self.campaign, state=SendState.QUEUED)
            if waiting.filter(due_at__isnull=True).exists():
                return False
            later = waiting.aggregate(at=Min("due_at"))["at"]
        if later is not None:
            self._tell(force=True)
            self.ctx.put_off(max(1.0, (later - timezone.now()).total_seconds()))
        return True


def release_left(campaign: Campaign, held: Q) -> None:
    """Settle rows that claims have left. What was with the mail server is not known; what was not, waits again."""
    with transaction.atomic():
        left = Send.objects.filter(held, campaign=campaign, state__in=(SendState.CLAIMED, SendState.SENDING))
        for job_id, claim in left.order_by().values_list("claimed_by", "claim").distinct():
            rows = left.filter(claimed_by=job_id, claim=claim)
            rows.filter(state=SendState.SENDING).update(state=SendState.UNKNOWN, problem=WORKER_DIED)
            if job_id and ClaimMark.objects.filter(job_id=job_id, claim=claim).exists():
                rows.filter(state=SendState.CLAIMED).update(state=SendState.QUEUED, claimed_by=None)
            else:
                rows.update(state=SendState.UNKNOWN, problem=SERVER_FORGOT)


def forget_old_marks() -> int:
    """Nobody comes back to a claim after so long; if somebody did, its rows would be unknown."""
    return ClaimMark.objects.filter(created_at__lt=timezone.now() - MARKS_KEPT).delete()[0]


def release_orphans(campaign: Campaign) -> None:
    """The same for claims of jobs that have ended, cancelled or given up."""
    working = Job.objects.unfinished().filter(kind="marketing.send", params__campaign_id=campaign.pk)
    release_left(campaign, Q(claimed_by__isnull=False) & ~Q(claimed_by__in=list(working.values_list("pk", flat=True))))


def settle_counts(campaign: Campaign) -> None:
    """Count the ledger anew, and write it to the campaign and the object at hand."""
    states = Send.objects.by_state(campaign.pk)
    counts = {
        "left_count": sum(states.get(state, 0) for state in OPEN_STATES),
        "sent_count": states.get(SendState.SENT, 0),
        "failed_count": states.get(SendState.FAILED, 0),
        "unknown_count": states.get(SendState.UNKNOWN, 0),
        "bounced_count": states.get(SendState.BOUNCED, 0),
        "suppressed_count": states.get(SendState.SUPPRESSED, 0),
    }
    for name, number in counts.items():
        setattr(campaign, name, number)
    Campaign.objects.filter(pk=campaign.pk).update(**counts)


def finish_if_done(campaign: Campaign) -> bool:
    """Call the campaign sent when no mail is left. In the caller's transaction."""
    locked = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if locked is None or locked.state != CampaignState.SENDING:
        return True
    release_orphans(locked)
    settle_counts(locked)
    if locked.left_count:
        return False
    Campaign.objects.filter(pk=locked.pk).update(
        state=CampaignState.SENT, finished_at=timezone.now(), updated_at=timezone.now(), version=F("version") + 1
    )
    return True


def pause_if_sending(campaign: Campaign) -> None:
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk, state=CampaignState.SENDING).update(
            state=CampaignState.PAUSED, updated_at=timezone.now(), version=F("version") + 1
        )


def leave_out(email: str, reason: SuppressionReason, *, campaign: Campaign | None = None, **fields: Any) -> bool:
    """Put an address on the list of those that get no more campaigns. False when it stands there already."""
    row = Suppression(email=email.strip().lower(), reason=reason, campaign=campaign, **fields)
    before = Suppression.objects.filter(email=row.email).exists()
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    return not before
