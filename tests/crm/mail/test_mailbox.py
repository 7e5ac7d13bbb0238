"""Mail of the demo: files in a folder, and the page that shows them."""

import pytest

from crm.mail import mailbox
from crm.mail.delivery import deliver_due
from crm.mail.messages import send_mail_message
from tests.factories import make_user

pytestmark = pytest.mark.django_db
URL = "http://localhost:8000/accounts/password/reset/key/1-abc/"


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = settings.MAILBOX_BACKEND
    settings.DEMO = True
    return tmp_path / "mail"


def send(person: str = "安娜") -> None:
    send_mail_message("password_reset", "ann@acme.example", {"person": person, "url": URL}, "en")
    assert deliver_due() == 1


def test_each_mail_is_one_file_that_mail_programs_open(folder):
    send()
    send()

    assert len(list(folder.glob("*.eml"))) == 2
    entry = mailbox.newest_entries()[0]
    assert (entry.to, entry.subject) == ("ann@acme.example", "A new password for your account")
    assert "Hello 安娜," in entry.text
    assert [part.get_content_type() for part in entry.message.walk()][1:] == ["text/plain", "text/html"]


def test_in_the_demo_everybody_reads_the_mailbox(client, folder):
    assert "No mail yet" in client.get("/mailbox/", headers={"accept-language": "en"}).content.decode()
    send()
    (entry,) = mailbox.newest_entries()

    assert f"/mailbox/{entry.key}/" in client.get("/mailbox/").content.decode()
    page = client.get(f"/mailbox/{entry.key}/").content.decode()
    assert f'<a href="{URL}" rel="nofollow">' in page


def test_what_a_mail_says_is_not_markup(client, folder):
    send("<script>alert(1)</script>")
    (entry,) = mailbox.newest_entries()

    page = client.get(f"/mailbox/{entry.key}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_mail_is_shown_as_mail_programs_show_it_in_a_frame_that_can_do_nothing(client, folder):
    send()
    (entry,) = mailbox.newest_entries()

    page = client.get(f"/mailbox/{entry.key}/").content.decode()
    framed = client.get(f"/mailbox/{entry.key}/mail/")

    assert f'src="/mailbox/{entry.key}/mail/"' in page
    assert "Hello 安娜," in framed.content.decode()
    assert framed["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("key", ["../../secret", "..%2f..%2fsecret", "x", "20260101T000000000000-00000000"])
def test_the_page_reads_no_other_file(client, folder, key):
    folder.mkdir()
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nx")

    assert client.get(f"/mailbox/{key}/").status_code == 404
    assert client.get(f"/mailbox/{key}/mail/").status_code == 404


def test_outside_the_demo_only_an_operator_reads_it(client, folder, settings):
    settings.DEMO = False
    assert client.get("/mailbox/").status_code == 404
    client.force_login(make_user("ann@acme.example"))
    assert client.get("/mailbox/").status_code == 404

    client.force_login(make_user("operator@guanxi.example", is_staff=True))

    assert client.get("/mailbox/").status_code == 200


def test_where_mail_really_leaves_there_is_no_mailbox(client, folder, settings):
    settings.DEMO = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    client.force_login(make_user("operator@guanxi.example", is_staff=True))

    assert client.get("/mailbox/").status_code == 404
