"""From a kept mail to a ticket, a message of one, or a reason why not. One transaction a mail; again is the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.mail.signals import mail_bounced

from ..addresses import known_sender, our_addresses, ticket_in, without_more
from ..attachments import NewFile, is_program
from ..choices.mail import InboundReason, InboundState
from ..choices.tickets import MessageKind, TicketChannel
from ..mailing import confirm, confirmed_by
from ..models import InboundMail, Mailbox, Ticket, TicketMessage
from ..operations.tickets import add_note, open_ticket, receive_message
from .bounces import Bounce
from .natures import Nature
from .quotes import above_quote
from .reading import ReadMail, read_mail

# Begun so often and never ended: whatever the mail does to its readers, the others shall be read.
MOST_TRIES = 3
# Whoever began it has died meanwhile: reading takes seconds.
_GIVEN_UP_AFTER = timedelta(minutes=2)
# What one address may send within an hour before somebody looks at it: a flood, or two machines that talk.
MOST_OF_ONE_SENDER = 30
_WHILE = timedelta(hours=1)
_SET_ASIDE = {
    Nature.MACHINE: InboundReason.MACHINE,
    Nature.BULK: InboundReason.BULK,
    Nature.COMPLAINT: InboundReason.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    state: InboundState
    reason: InboundReason | str = ""
    message: TicketMessage | None = None


def take_in_waiting() -> Iterator[InboundMail]:
    """Read what waits in the current tenant, the first one first. Outside a transaction: each mail has its own."""
    while (found := _begin()) is not None:
        if (mail := _take_in_safely(found)) is not None:
            yield mail


def _begin() -> int | None:
    """The next mail that nobody is at, noted as begun before anything is done with it."""
    now = timezone.now()
    with transaction.atomic():
        free = Q(begun_at__isnull=True) | Q(begun_at__lt=now - _GIVEN_UP_AFTER)
        rows = InboundMail.objects.light().waiting().filter(free)
        mail = rows.select_for_update(skip_locked=True).order_by("pk").first()
        if mail is None:
            return None
        mail.tries += 1
        mail.begun_at = now
        mail.save(update_fields=["tries", "begun_at"])
        return mail.pk


def _take_in_safely(pk: int, *, is_repeated: bool = False) -> InboundMail | None:
    try:
        with transaction.atomic():
            rows = InboundMail.objects.waiting().select_for_update(skip_locked=True, of=("self",))
            mail = rows.filter(pk=pk).first()
            if mail is None:
                return None
            if mail.tries > MOST_TRIES:
                return _settle(mail, Outcome(InboundState.QUARANTINE, InboundReason.UNREADABLE))
            return take_in(mail)
    except (OperationalError, InterfaceError):
        # The database went away, which says nothing of the mail: the job is repeated.
        raise
    except Exception as error:
        if isinstance(error, IntegrityError) and not is_repeated:
            # Somebody was faster with what only one may have, such as the first queue of a tenant.
            return _take_in_safely(pk, is_repeated=True)
        return _give_up(pk, error)


def _give_up(pk: int, error: Exception) -> InboundMail | None:
    """A mail that cannot be read waits for a person, and keeps no other from being read."""
    with transaction.atomic():
        mail = InboundMail.objects.light().waiting().filter(pk=pk).first()
        if mail is None:
            return None
        mail.fault = _place_of(error)
        return _settle(mail, Outcome(InboundState.QUARANTINE, InboundReason.UNREADABLE))


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} {where}"[:200]


@transaction.atomic
def take_in(mail: InboundMail, *, is_wanted: bool = False, now: datetime | None = None) -> InboundMail:
    """Read one mail and make of it what it is. `is_wanted`: somebody has looked at it, and wants a ticket."""
    read = read_mail(bytes(mail.raw))
    mail.message_id = read.message_id[:255]
    mail.sender_name, mail.sender_email = read.sender_name[:200], read.sender_email
    mail.subject = read.subject
    mail.mailbox = mail.mailbox or _mailbox_of(mail, read)
    outcome = _make_ticket(mail, read, now) if is_wanted else _judge(mail, read, now)
    return _settle(mail, outcome, now)


def _settle(mail: InboundMail, outcome: Outcome, now: datetime | None = None) -> InboundMail:
    mail.state, mail.reason, mail.ticket_message = outcome.state, outcome.reason, outcome.message
    mail.taken_at = now or timezone.now()
    mail.save(
        update_fields=[
            "state",
            "reason",
            "ticket_message",
            "taken_at",
            "fault",
            "message_id",
            "sender_name",
            "sender_email",
            "subject",
            "mailbox",
        ]
    )
    return mail


# -- what to do with it


def _judge(mail: InboundMail, read: ReadMail, now: datetime | None) -> Outcome:
    if _came_before(mail):
        return Outcome(InboundState.DUPLICATE)
    if read.nature == Nature.BOUNCE:
        return Outcome(InboundState.BOUNCE, message=_note_bounce(read))
    if _is_from_us(read):
        return Outcome(InboundState.QUARANTINE, InboundReason.LOOP)
    if read.nature != Nature.PERSON:
        ticket = find_ticket(read) if read.nature == Nature.MACHINE else None
        if ticket is None:
            return Outcome(InboundState.ASIDE, _SET_ASIDE[read.nature])
        return _add(mail, read, ticket, now, reopens=False)
    if reason := _suspicion(mail, read):
        return Outcome(InboundState.QUARANTINE, reason)
    return _make_ticket(mail, read, now)


def _suspicion(mail: InboundMail, read: ReadMail) -> InboundReason | None:
    if mail.is_cut:
        return InboundReason.TOO_LARGE
    if not read.sender_email:
        return InboundReason.NO_SENDER
    if read.is_spam:
        return InboundReason.SPAM
    since = mail.received_at - _WHILE
    others = InboundMail.objects.filter(sender_email=read.sender_email, received_at__gte=since).exclude(pk=mail.pk)
    return InboundReason.TOO_MANY if others[:MOST_OF_ONE_SENDER].count() == MOST_OF_ONE_SENDER else None


def _came_before(mail: InboundMail) -> bool:
    """The same mail by another way: its own number, from the same sender, read already."""
    if not mail.message_id:
        return False
    others = InboundMail.objects.filter(message_id=mail.message_id, sender_email=mail.sender_email)
    return others.exclude(pk=mail.pk).filter(taken_at__isnull=False).exists()


def _is_from_us(read: ReadMail) -> bool:
    ours = our_addresses() | {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()}
    return any(without_more(address) in ours for address in [*read.from_addresses, read.sender_email])


def _mailbox_of(mail: InboundMail, read: ReadMail) -> Mailbox | None:
    """The one to whose address it came: what the mail server says counts before what the mail says."""
    named = [without_more(address) for address in (mail.envelope_to, *read.to) if address]
    boxes = {box.address: box for box in Mailbox.objects.filter(address__in=named, is_active=True)}
    return next((boxes[address] for address in named if address in boxes), None)


def find_ticket(read: ReadMail) -> Ticket | None:
    """The ticket that a mail is about: by the address it was sent to, else by the mails that it answers."""
    ticket = ticket_in(read.to)
    if ticket is not None or not read.answers:
        return ticket
    rows = TicketMessage.objects.filter(message_id__in=read.answers).select_related("ticket")
    by_number = {message.message_id: message.ticket for message in rows}
    return next((by_number[number] for number in read.answers if number in by_number), None)


def _make_ticket(mail: InboundMail, read: ReadMail, now: datetime | None) -> Outcome:
    ticket = find_ticket(read)
    return _open(mail, read, now) if ticket is None else _add(mail, read, ticket, now)


def _open(mail: InboundMail, read: ReadMail, now: datetime | None) -> Outcome:
    customer, contact = known_sender(read.sender_email)
    ticket = Ticket(
        subject=read.subject or _("(no subject)"), channel=TicketChannel.EMAIL, customer=customer, contact=contact
    )
    if mail.mailbox is not None and mail.mailbox.queue is not None:
        ticket.queue = mail.mailbox.queue
    files, left_out = _files(read)
    message = open_ticket(
        ticket=ticket,
        text=_text(read.text, read, left_out),
        html="" if left_out else read.html,
        sender_name=mail.sender_name,
        sender_email=mail.sender_email,
        message_id=mail.message_id,
        files=files,
        now=now,
    )
    confirms = mail.mailbox is None or mail.mailbox.confirms
    if confirms and read.nature == Nature.PERSON and not read.wants_no_notice:
        confirm(message)
    return Outcome(InboundState.OPENED, message=message)


def _add(mail: InboundMail, read: ReadMail, ticket: Ticket, now: datetime | None, *, reopens: bool = True) -> Outcome:
    files, left_out = _files(read)
    message = receive_message(
        ticket=ticket,
        # As text: what is quoted below can be told from what is new.
        text=_text(above_quote(read.text), read, left_out),
        sender_name=mail.sender_name,
        sender_email=mail.sender_email,
        channel=TicketChannel.EMAIL,
        message_id=mail.message_id,
        reopens=reopens,
        files=files,
        now=now,
    )
    return Outcome(InboundState.ADDED, message=message)


def _files(read: ReadMail) -> tuple[list[NewFile], list[str]]:
    """What is kept with the message, and the names of the programs that are not. The mail itself is kept whole."""
    programs = [file.name for file in read.files if is_program(file.name, file.content[:16])]
    kept = [NewFile.of_bytes(file.name, file.content) for file in read.files if file.name not in programs]
    return kept, programs


def _text(text: str, read: ReadMail, left_out: Sequence[str]) -> str:
    said = text or (
        _("(The mail holds files only.)") if read.files else _("(The mail holds no text that can be shown.)")
    )
    if not left_out:
        return said
    return said + "\n\n" + _("(Left out, because they are programs: %(names)s)") % {"names": ", ".join(left_out)}


# -- mails that came back


def _note_bounce(read: ReadMail) -> TicketMessage | None:
    """Tell those who sent the mail: the campaign it belongs to, or the ticket, which somebody has to look at again."""
    bounce = read.bounce
    if bounce is None:
        return None
    if bounce.is_hard and bounce.original_id:
        mail_bounced.send(InboundMail, key=bounce.original_id.strip("<>").rpartition("@")[0], words=bounce.status)
    values = {
        "address": ", ".join(bounce.recipients[:3]) or _("the customer"),
        "status": bounce.status or _("no reason given"),
    }
    if (reply := _reply_of(bounce)) is not None:
        words = (
            _("The reply did not arrive at %(address)s: the mail server gave it up (%(status)s).")
            if bounce.is_hard
            else _("The reply has not arrived at %(address)s so far (%(status)s). It may still arrive.")
        )
        return add_note(ticket=reply.ticket, author=None, text=words % values, reopens=bounce.is_hard)
    if bounce.is_hard and (first := confirmed_by(bounce.original_id)) is not None:
        words = _("Our confirmation did not arrive at %(address)s (%(status)s). The address may be wrong.")
        return add_note(ticket=first.ticket, author=None, text=words % values)
    return None


def _reply_of(bounce: Bounce) -> TicketMessage | None:
    if not bounce.original_id:
        return None
    replies = TicketMessage.objects.filter(message_id=bounce.original_id, kind=MessageKind.REPLY)
    return replies.select_related("ticket").first()
