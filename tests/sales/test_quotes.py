"""Quotes: numbered without gaps, added up, locked once they are sent."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.access.roles import Role
from crm.audit.models import AuditEntry
from crm.errors import ContactElsewhere, NothingToDo, QuoteEmpty, QuoteLocked
from crm.files.models import StoredFile
from crm.tenancy.context import tenant_atomic
from customers.choices import ActivityKind
from customers.models import Activity
from sales.choices.quotes import QuoteStatus
from sales.models import Quote, QuoteCounter, QuoteLine, QuoteSettings
from sales.operations.quotes import (
    copy_quote,
    decide_quote,
    delete_quote,
    expire_quotes,
    reopen_quote,
    save_quote,
)
from sales.operations.sending import send_quote
from tests.factories import make_contact, make_customer, make_member
from tests.factories.sales_documents import make_line, make_quote
from tests.pdf import Pdf

DAY = date(2026, 3, 2)


@pytest.fixture
def user(owner):
    return owner.user


@pytest.fixture
def customer(in_tenant):
    return make_customer(in_tenant, email="buyer@blue.example")


@pytest.fixture
def quote(customer, user):
    return make_quote(customer, user)


def sent(quote, user, to="") -> Quote:
    return send_quote(quote=quote, tenant=quote.tenant, user=user, to=to, message="Hello")


pytestmark = pytest.mark.django_db


# -- adding up


def test_quote_keeps_what_its_lines_add_up_to(quote):
    quote.refresh_from_db()

    assert (quote.net_amount, quote.tax_amount, quote.total_amount) == (24_000, 2_400, 26_400)
    assert [line.amount for line in quote.lines.all()] == [24_000]


def test_changed_lines_change_the_sums_and_keep_their_order(quote, user):
    (first,) = quote.lines.all()
    second = make_line(name="Desk", unit_price=50_000, tax_bp=0)

    save_quote(quote=quote, lines=[second, first], user=user)

    quote.refresh_from_db()
    assert [line.name for line in quote.lines.order_by("pos")] == ["Desk", "Office chair"]
    assert quote.total_amount == 76_400
    assert quote.version == 2


def test_line_that_is_left_out_is_gone(quote, user):
    save_quote(quote=quote, lines=[make_line(name="Desk")], user=user)

    assert [line.name for line in quote.lines.all()] == ["Desk"]


def test_line_that_stayed_as_it_was_leaves_no_trace(quote, user):
    (line,) = quote.lines.all()
    before = AuditEntry.objects.filter(kind="sales.quoteline").count()

    save_quote(quote=quote, lines=[line], user=user)

    assert AuditEntry.objects.filter(kind="sales.quoteline").count() == before


def test_database_refuses_a_total_that_does_not_add_up(quote):
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(total_amount=1)


def test_contact_of_another_customer_is_refused(customer, user, in_tenant):
    contact = make_contact(make_customer(in_tenant, name="Red Hill"))

    with pytest.raises(ContactElsewhere):
        make_quote(customer, user, contact=contact)


# -- numbers


def test_numbers_count_up_within_the_year_and_begin_anew_with_the_next(customer, user):
    numbers = [make_quote(customer, user, issued_on=day).number for day in (DAY, DAY, date(2027, 1, 1), DAY)]

    assert numbers == ["Q-2026-0001", "Q-2026-0002", "Q-2027-0001", "Q-2026-0003"]


def test_tenant_numbers_its_quotes_as_it_likes(customer, user):
    QuoteSettings.objects.create(number_pattern="报价{yy}{month}/{number:3}")

    assert make_quote(customer, user).number == "报价2603/001"


def test_another_pattern_never_gives_a_number_twice(customer, user):
    settings = QuoteSettings.objects.create(number_pattern="Q{number}")
    make_quote(customer, user)
    settings.number_pattern = "{number}"
    settings.save()
    QuoteCounter.objects.create(period="Q-{number}", last=0)
    Quote.objects.update(number="1", series="1")

    assert make_quote(customer, user).number == "2"


def test_quote_that_was_not_saved_leaves_no_gap(customer, user):
    with pytest.raises(RuntimeError), transaction.atomic():
        make_quote(customer, user)
        raise RuntimeError

    assert make_quote(customer, user).number == "Q-2026-0001"


def test_last_draft_gives_its_number_back(customer, user):
    make_quote(customer, user)
    delete_quote(quote=make_quote(customer, user))

    assert make_quote(customer, user).number == "Q-2026-0002"


def test_number_in_the_middle_is_never_given_again(customer, user):
    first = make_quote(customer, user)
    make_quote(customer, user)
    delete_quote(quote=first)

    assert make_quote(customer, user).number == "Q-2026-0003"


def test_tenants_count_for_themselves(quote, user, other_tenant):
    membership = make_member(other_tenant, "boss@huaxing.example", Role.ADMIN)
    with tenant_atomic(other_tenant):
        theirs = make_quote(make_customer(other_tenant), membership.user)

    assert theirs.number == quote.number


# -- sending


def test_sent_quote_goes_out_as_a_pdf_and_is_kept_as_it_went(quote, user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sent(quote, user, to="buyer@blue.example")

    (message,) = mail.outbox
    (attached,) = message.attachments
    assert message.to == ["buyer@blue.example"]
    assert message.subject == "Quote Q-2026-0001 from Acme Trading"
    assert message.reply_to == [user.email]
    assert attached[0] == "Quote Q-2026-0001.pdf"
    assert "Office chair" in Pdf(attached[1]).text
    quote.refresh_from_db()
    assert (quote.status, quote.sent_to) == (QuoteStatus.SENT, "buyer@blue.example")
    with quote.document.open() as kept:
        assert kept.read() == attached[1]


def test_quote_handed_over_otherwise_sends_no_mail(quote, user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sent(quote, user)

    assert mail.outbox == []
    quote.refresh_from_db()
    assert quote.status == QuoteStatus.SENT
    assert quote.document is not None


def test_sending_is_told_among_the_customers_follow_ups(quote, user):
    sent(quote, user, to="buyer@blue.example")

    activity = Activity.objects.get()
    assert (activity.customer, activity.author, activity.kind) == (quote.customer, user, ActivityKind.EMAIL)
    assert quote.number in activity.text


def test_quote_without_lines_is_not_sent(customer, user):
    with pytest.raises(QuoteEmpty):
        sent(make_quote(customer, user, lines=[]), user)


def test_sent_quote_is_changed_deleted_and_sent_no_more(quote, user):
    sent(quote, user)

    with pytest.raises(QuoteLocked):
        save_quote(quote=quote, lines=[make_line()], user=user)
    with pytest.raises(QuoteLocked):
        delete_quote(quote=quote)
    with pytest.raises(QuoteLocked):
        sent(quote, user)


def test_document_goes_with_a_customer_who_is_deleted(quote, user):
    sent(quote, user)
    from customers.operations import delete_customers

    delete_customers(customers=quote.customer._meta.model.objects.filter(pk=quote.customer_id))

    assert StoredFile.objects.get().expires_at <= timezone.now()


# -- answers


def test_answer_is_written_down_once(quote, user):
    sent(quote, user)
    decide_quote(quote=quote, status=QuoteStatus.ACCEPTED, note="Go ahead", user=user)

    quote.refresh_from_db()
    assert (quote.status, quote.decision_note) == (QuoteStatus.ACCEPTED, "Go ahead")
    assert quote.decided_at is not None
    with pytest.raises(NothingToDo):
        decide_quote(quote=quote, status=QuoteStatus.DECLINED, user=user)


def test_draft_cannot_be_answered(quote, user):
    with pytest.raises(NothingToDo):
        decide_quote(quote=quote, status=QuoteStatus.ACCEPTED, user=user)


def test_answer_noted_by_mistake_is_taken_back(quote, user):
    quote.expires_on = timezone.localdate() + timedelta(days=5)
    quote.save()
    sent(quote, user)
    decide_quote(quote=quote, status=QuoteStatus.DECLINED, note="x", user=user)

    reopen_quote(quote=quote)

    quote.refresh_from_db()
    assert (quote.status, quote.decision_note, quote.decided_at) == (QuoteStatus.SENT, "", None)


def test_quote_expires_after_its_last_day_and_not_on_it(customer, user):
    today = date(2026, 4, 1)
    quotes = [make_quote(customer, user, expires_on=today - timedelta(days=days)) for days in (0, 1)]
    drafted = make_quote(customer, user, expires_on=date(2026, 3, 3))
    for quote in quotes:
        sent(quote, user)

    assert expire_quotes(today=today) == 1

    states = dict(Quote.objects.values_list("pk", "status"))
    assert [states[quote.pk] for quote in (*quotes, drafted)] == ["sent", "expired", "draft"]


def test_late_answer_counts(customer, user):
    quote = make_quote(customer, user, expires_on=DAY)
    sent(quote, user)
    expire_quotes(today=date(2026, 4, 1))

    decide_quote(quote=quote, status=QuoteStatus.ACCEPTED, user=user)

    quote.refresh_from_db()
    assert quote.status == QuoteStatus.ACCEPTED


# -- versions and copies


def test_new_version_has_the_same_lines_and_the_next_revision(quote, user):
    sent(quote, user)

    copies = [copy_quote(quote=quote, user=user, as_revision=True) for _n in range(2)]

    assert [copy.number for copy in copies] == ["Q-2026-0001-2", "Q-2026-0001-3"]
    assert copies[0].is_draft
    assert [(line.name, line.amount) for line in copies[0].lines.all()] == [("Office chair", 24_000)]
    assert copies[0].total_amount == quote.total_amount


def test_version_before_is_replaced_when_the_new_one_is_sent(quote, user):
    sent(quote, user)
    copy = copy_quote(quote=quote, user=user, as_revision=True)
    quote.refresh_from_db()
    assert quote.status == QuoteStatus.SENT

    sent(copy, user)

    quote.refresh_from_db()
    assert quote.status == QuoteStatus.REPLACED
    with pytest.raises(NothingToDo):
        decide_quote(quote=quote, status=QuoteStatus.ACCEPTED, user=user)


def test_duplicate_is_a_quote_of_its_own(quote, user, colleague):
    copy = copy_quote(quote=quote, user=colleague.user)

    assert (copy.number, copy.revision, copy.owner) == ("Q-2026-0002", 1, colleague.user)
    assert QuoteLine.objects.count() == 2
