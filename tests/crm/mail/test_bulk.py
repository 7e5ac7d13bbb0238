"""One mail after the other over one line, and what is known of each when the line breaks."""

import asyncio
import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from environ import Env

from crm.mail.bulk import Answer, BulkMail, MailServerGone, Reply, message_id, open_line


class Server(SMTP):
    """Breaks the line where it is told to."""

    async def smtp_RCPT(self, arg):  # noqa: N802  # aiosmtpd's name
        if "break-before" in (arg or ""):
            self.transport.close()
            return
        await super().smtp_RCPT(arg)


class Post:
    def __init__(self):
        self.envelopes = []
        self.lines = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.lines += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        said = {"nobody": "550 no such mailbox", "moved": "550 5.1.1 unknown", "full": "452 4.2.2 full",
                "unwanted": "550 5.7.1 spam", "closing": "421 going away"}.get(address.partition("@")[0])  # fmt: skip
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.envelopes.append(envelope)
        local = envelope.rcpt_tos[0].partition("@")[0]
        if local == "break-after":
            server.transport.abort()
            await asyncio.sleep(0)
        return {"large": "552 5.3.4 too large", "later": "451 4.3.0 try later"}.get(local, "250 OK")


class PostController(Controller):
    def factory(self):
        return Server(self.handler)


@pytest.fixture
def post(settings):
    post = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = PostController(post, hostname="127.0.0.1", port=port)
    controller.start()
    for name, value in Env.email_url_config(f"smtp://127.0.0.1:{port}").items():
        setattr(settings, name, value)
    yield post
    controller.stop()


def mail(to: str = "ann", **fields) -> BulkMail:
    known = {"subject": "夏季优惠", "text": "您好 Ann", "html": "<p>您好 Ann</p>", "language": "zh-hans"}
    return BulkMail(f"{to}@acme.example", **(known | fields))


def answers(*to: str) -> list[Reply]:
    with open_line() as line:
        return [line.hand_over(mail(one).compose()) for one in to]


def test_many_mails_go_over_one_line(post):
    assert answers("ann", "bob", "cay") == [Reply(Answer.TAKEN)] * 3
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [
        ["ann@acme.example"],
        ["bob@acme.example"],
        ["cay@acme.example"],
    ]
    assert post.lines == 1


def test_a_mail_says_who_writes_and_how_to_end_it(post):
    written = mail(
        sender_name="华星\r\nBcc: a@b.example",
        reply_to="shop@acme.example",
        message_id=message_id("1-send-7.abc"),
        headers={
            "List-Unsubscribe": "<https://crm.example/e/x/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    with open_line() as line:
        line.hand_over(written.compose())

    read = email.message_from_bytes(post.envelopes[0].content, policy=default)
    assert read["From"].addresses[0].display_name == "华星 Bcc: a@b.example"
    assert read["From"].addresses[0].addr_spec == post.envelopes[0].mail_from == "no-reply@localhost"
    assert (read["Reply-To"], read["Message-ID"]) == ("shop@acme.example", "<1-send-7.abc@localhost>")
    assert read["List-Unsubscribe"] == "<https://crm.example/e/x/>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (read["Subject"], read["Content-Language"], read["Bcc"]) == ("夏季优惠", "zh-hans", None)
    assert read.get_body(["plain"]).get_content().strip() == "您好 Ann"
    assert read.get_body(["html"]).get_content().strip() == "<p>您好 Ann</p>"


@pytest.mark.parametrize(
    ("to", "reply"),
    [
        ("nobody", Reply(Answer.NO_MAILBOX, "550")),
        ("moved", Reply(Answer.NO_MAILBOX, "550 5.1.1")),
        ("unwanted", Reply(Answer.REFUSED, "550 5.7.1")),
        ("large", Reply(Answer.REFUSED, "552 5.3.4")),
        ("full", Reply(Answer.LATER, "452 4.2.2")),
        ("later", Reply(Answer.LATER, "451 4.3.0")),
    ],
)
def test_a_refusal_says_whether_to_try_again_and_keeps_no_other_mail_back(post, to, reply):
    assert answers(to, "ann") == [reply, Reply(Answer.TAKEN)]


def test_a_line_that_breaks_after_the_mail_leaves_it_unknown(post):
    assert answers("break-after") == [Reply(Answer.UNKNOWN)]


@pytest.mark.parametrize("to", ["break-before", "closing"])
def test_a_line_that_breaks_before_the_mail_has_sent_nothing(post, to):
    with pytest.raises(MailServerGone):
        answers("ann", to)

    assert len(post.envelopes) == 1


def test_a_line_that_broke_is_noticed_by_the_next_mail(post):
    with open_line() as line:
        assert line.hand_over(mail("break-after").compose()).answer == Answer.UNKNOWN
        with pytest.raises(MailServerGone):
            line.hand_over(mail("ann").compose())


def test_a_server_that_is_not_there_has_taken_nothing(post, settings):
    settings.EMAIL_PORT = 1

    with pytest.raises(MailServerGone):
        answers("ann")


def test_an_address_that_cannot_be_written_down_is_refused_before_any_line(post):
    unsendable = BulkMail(f"ann@{'例' * 60}.example", "a", "b", "<p>b</p>", "en")

    with pytest.raises(ValueError, match=r"label|encod|codec"):
        unsendable.compose().message()


def test_without_a_mail_server_mails_are_files_of_the_mailbox(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.DATA_DIR = settings.MAILBOX_BACKEND, tmp_path

    assert answers("ann", "bob") == [Reply(Answer.TAKEN)] * 2
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 2
