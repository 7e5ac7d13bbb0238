"""Reading mails: charsets, attachments, quotes, and those of the public collection, of which none may stop us."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from service.inbound.natures import Nature
from service.inbound.quotes import above_quote
from service.inbound.reading import read_mail
from tests.factories.mail import write_mail

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "email-samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the collection of mails is not here")


# -- what a mail says


def test_text_is_taken_before_html():
    mail = read_mail(write_mail("plain", html="<p>rich</p>"))

    assert (mail.text, mail.html) == ("plain", "<p>rich</p>")


def test_html_alone_gives_a_text():
    mail = read_mail(b"From: a@b.example\nContent-Type: text/html\n\n<p>One</p><p>Two</p><script>x</script>")

    assert mail.text == "One\n\nTwo"
    assert "script" not in mail.html


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Re: Re: Printer", "Printer"),
        ("回复：答复: 打印机", "打印机"),
        ("RE: Printer [#12]", "Printer"),
        ("Fwd: Printer", "Fwd: Printer"),
        ("=?utf-8?b?5omT5Y2w5py6?= =?utf-8?q?_a?=", "打印机 a"),
        ("=?gb2312?B?1vHJ?= broken", None),
        ("a" * 300, "a" * 199 + "…"),
    ],
)
def test_subjects(subject, shown):
    mail = read_mail(f"From: a@b.example\nSubject: {subject}\n\nx".encode())

    assert mail.subject == shown or shown is None


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        ('"Lee, Ann" <Ann@River.Example>', ("Lee, Ann", "ann@river.example")),
        ("ann@river.example", ("", "ann@river.example")),
        ("=?gbk?B?zfXQocP3?= <wang@river.example>", ("王小明", "wang@river.example")),
        ("Ann Lee ann@river.example", ("", "ann@river.example")),
        ("undisclosed", ("", "")),
        ("<>", ("", "")),
    ],
)
def test_senders(head, sender):
    mail = read_mail(f"From: {head}\n\nx".encode())

    assert (mail.sender_name, mail.sender_email) == sender


def test_bytes_that_a_header_may_not_hold_are_guessed():
    mail = read_mail("From: a@b.example\nSubject: 发票问题".encode("gbk") + b"\n\nx")

    assert mail.subject == "发票问题"


def test_nothing_that_a_database_refuses_comes_through():
    mail = read_mail(b"From: a@b.example\nSubject: a\x00b\n\none\x00two\x1bthree\r\nfour")

    assert (mail.subject, mail.text) == ("ab", "onetwothree\nfour")


def test_files_keep_a_safe_name():
    mail = read_mail(write_mail(files={"../../etc/合同\u202etxt.exe": b"1", "b/c.pdf": b"2"}))

    assert [file.name for file in mail.files] == ["合同txt.exe", "c.pdf"]


def test_a_mail_inside_of_a_mail_is_a_file():
    inner = b"From: x@y.example\nSubject: Inner\nContent-Type: text/plain\n\ninside"
    raw = (
        b'From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
        b"--b\nContent-Type: text/plain\n\noutside\n--b\nContent-Type: message/rfc822\n\n" + inner + b"\n--b--\n"
    )

    mail = read_mail(raw)

    assert mail.text == "outside"
    assert [(file.name, inner in file.content) for file in mail.files] == [("Inner.eml", True)]


def test_a_nest_of_parts_ends():
    depth = 300
    raw = b"From: a@b.example\n"
    for number in range(depth):
        raw += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number)

    assert read_mail(raw).sender_email == "a@b.example"


# -- what is quoted


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 2 Mar 2026 at 10:00, Acme <support@acme.example> wrote:\n> Hello\n> you",
        "On Mon, 2 Mar 2026 at 10:00, Acme Trading and Company\n<support@acme.example> wrote:\n> Hello",
        "> Hello\n> you",
        "-----Original Message-----\nFrom: Acme\nHello",
        "------------------ 原始邮件 ------------------\n发件人: Acme",
        "在 2026年3月2日，华星 <support@huaxing.example> 写道：\n> 您好",
        "发件人: 华星\n发送时间: 2026年3月2日\n收件人: 王\n主题: 您好\n\n您好",
        "From: Acme\nSent: Monday\nTo: Ann\nSubject: Hello\n\nHello",
        "________________________________\nFrom: Acme",
    ],
)
def test_what_stands_below_is_left_out(quote):
    assert above_quote(f"It works.\n\nThanks, Ann\n\n{quote}") == "It works.\n\nThanks, Ann"


@pytest.mark.parametrize("text", ["> only a quote", "On Monday it broke.\nFrom: what I know, it was old.", "a > b\nc"])
def test_what_is_no_quote_stays(text):
    assert above_quote(text) == text


# -- the collection


def index() -> list[dict[str, str]]:
    with (SAMPLES / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_samples
def test_every_mail_of_the_collection_is_read_quickly():
    slowest = 0.0
    paths = [path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix not in (".json", ".csv", ".md")]
    for path in paths:
        raw, began = path.read_bytes(), time.process_time()
        mail = read_mail(raw)
        slowest = max(slowest, time.process_time() - began)
        assert "\x00" not in mail.text + mail.subject + mail.html, path

    assert len(paths) > 570
    assert slowest < 2


@needs_samples
def test_chinese_mails_are_read_as_they_were_written():
    folder = SAMPLES / "constructed-zh"
    for expected in json.loads((folder / "expected.json").read_text(encoding="utf-8")):
        mail = read_mail((folder / expected["file"]).read_bytes())

        assert mail.subject == expected["subject"], expected["file"]
        assert mail.sender_name == expected["from_name"]
        assert mail.text == expected["body"].strip()
        assert [file.name for file in mail.files] == [expected["attachment"]] * bool(expected["attachment"])


@needs_samples
def test_machines_and_people_are_told_apart():
    """No ticket for a mail that came back, a complaint or an automatic answer; one for each help desk mail."""
    wrong = []
    for row in index():
        if row["category"] not in ("bounce", "complaint", "complaint-arf", "autoreply", "helpdesk"):
            continue
        nature = read_mail((SAMPLES / row["file"]).read_bytes()).nature
        # Two of the help desk's own fixtures are mails that came back.
        is_person = row["category"] == "helpdesk" and "bounced" not in row["file"]
        if (nature == Nature.PERSON) != is_person:
            wrong.append((row["file"], nature))

    # The alarm of a list server, and a report that looks like an answer.
    assert len(wrong) <= 2, wrong


@needs_samples
def test_mails_that_came_back_name_whom_they_were_for():
    """Aim of the collection: 95 % of the mails of flufl.bounce."""
    rows = [row for row in index() if row["source"] == "flufl.bounce" and row["published_expectation"]]
    found = Counter()
    for row in rows:
        expected = {one.lower() for one in json.loads(row["published_expectation"]).get("recipients", [])}
        if not expected:
            continue
        bounce = read_mail((SAMPLES / row["file"]).read_bytes()).bounce
        found[bounce is not None and expected <= set(bounce.recipients)] += 1

    assert found[True] / found.total() >= 0.95, found


@needs_samples
def test_only_an_address_that_is_none_is_given_up():
    """Aim of the collection: 90 % agreement with sisimai about what is hard."""
    agreed = Counter()
    for row in index():
        if row["source"] != "sisimai/set-of-emails" or row["category"] != "bounce" or not row["published_expectation"]:
            continue
        said = json.loads(row["published_expectation"])["source_says"]
        if not said:
            continue
        bounce = read_mail((SAMPLES / row["file"]).read_bytes()).bounce
        agreed[bool(bounce and bounce.is_hard) == any(one[3] == "true" for one in said)] += 1

    assert agreed[True] / agreed.total() >= 0.9, agreed
