"""Templates: what is typed is cleaned, what is filled in is text, and nobody gets a mail by being looked at."""

from __future__ import annotations

import pytest
from django.utils import translation

from crm.mail.bulk import MailServerGone
from marketing.composing import Composer, links_of, trial_token
from marketing.content import Content, lost_placeholders, tidy
from marketing.models import EmailTemplate, Send
from tests.factories import make_contact, make_customer
from tests.factories.marketing import make_template

pytestmark = pytest.mark.django_db


def typed(**fields):
    return {"name": "Spring", "language": "en", "subject": "Hello", "body": "Hello", "text": ""} | fields


def create(marketer, **fields):
    return marketer.post("marketing/templates/new/", typed(**fields))


def test_html_is_cleaned_when_it_is_saved(in_tenant, marketer):
    create(marketer, body='<p onclick="a()">Hello <b>you</b></p><script>alert(1)</script>')

    assert EmailTemplate.objects.get().body == "<p>Hello <b>you</b></p>"


def test_plain_text_becomes_paragraphs_and_links(in_tenant):
    template = make_template(in_tenant, body="Hello {{ customer.name }}\n\nSee https://a.example/x & more")

    assert Content.of_template(template).html == (
        "<p>Hello {{ customer.name }}</p>\n\n"
        '<p>See <a href="https://a.example/x">https://a.example/x</a> &amp; more</p>'
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"subject": "For {{ customer.nam }}"}, "There is no placeholder “customer.nam”"),
        ({"body": "<p>{{ customer.password }}</p>"}, "There is no placeholder “customer.password”"),
        ({"text": "{{ customer.name"}, "opened with {{ and not closed"),
        ({"body": '<img src="{{ customer.name }}">a'}, "stands inside a tag"),
        ({"body": '<a href="https://x.example/?c={{ customer.name }}">a</a>'}, "stands inside a tag"),
        ({"body": "<script>alert(1)</script>"}, "Nothing of this message may be sent."),
    ],
)
def test_what_could_not_be_sent_is_refused_in_words_and_kept(in_tenant, marketer, fields, words):
    response = create(marketer, **fields)

    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert 'value="Spring"' in text
    assert not EmailTemplate.objects.exists()


def test_the_link_to_unsubscribe_may_stand_in_the_text_and_then_nowhere_else(in_tenant):
    own = make_template(in_tenant, body='<p>a <a href="{{ unsubscribe }}">No more</a></p>')
    other = make_template(in_tenant, name="Other")
    customer = make_customer(in_tenant)

    written = Composer(Content.of_template(own), in_tenant).html(customer, "token")
    usual = Composer(Content.of_template(other), in_tenant).html(customer, "token")

    assert written.count("/e/token/unsubscribe/") == 1
    assert '<a href="http://localhost:8000/e/token/unsubscribe/">No more</a>' in written
    assert usual.count("/e/token/unsubscribe/") == 1


def test_a_mail_says_nothing_that_a_name_tells_it_to(in_tenant):
    evil = make_customer(in_tenant, name='<img src=x onerror="a()"> {{ tenant.name }} ~token~\r\nBcc: x@y.example')
    composer = Composer(Content.of_template(make_template(in_tenant)), in_tenant)

    mail = composer.mail(evil, "ann@river.example", "token")

    assert "<img src=x" not in mail.html
    assert "&lt;img src=x onerror=&quot;a()&quot;&gt; {{ tenant.name }}" in mail.html
    assert "Bcc" not in mail.compose().message()


def test_words_around_the_message_are_in_its_language(in_tenant):
    chinese = make_template(in_tenant, language="zh-hans", body="您好")
    customer = make_customer(in_tenant)

    with translation.override("en"):
        mail = Composer(Content.of_template(chinese), in_tenant).mail(customer, "ann@river.example", "token")

    assert '<html lang="zh-hans">' in mail.html
    assert mail.language == "zh-hans"


def test_every_link_is_counted_once_however_often_it_stands_there(in_tenant):
    html = (
        '<a href="https://a.example/?x=1&amp;y=2">1</a><a href="https://b.example/">2</a>'
        '<a href="https://a.example/?x=1&amp;y=2">3</a><a href="mailto:a@b.example">4</a>'
    )
    composer = Composer(Content("s", html, "", "en"), in_tenant, links_of(html))

    written = composer.html(make_customer(in_tenant), "token")

    assert links_of(html) == ["https://a.example/?x=1&y=2", "https://b.example/"]
    assert written.count("/e/token/to/0/") == 2
    assert written.count("/e/token/to/1/") == 1
    assert 'href="mailto:a@b.example"' in written


def test_the_text_part_is_made_of_the_message_unless_it_is_written(in_tenant):
    customer = make_customer(in_tenant)
    made = Composer(Content("s", "<h1>A</h1><p>{{ customer.name }}</p>", "", "en"), in_tenant)
    own = Composer(Content("s", "<h1>A</h1>", "Own words for {{ customer.name }}", "en"), in_tenant)

    assert made.text(customer, "token").startswith("A\n\nBlue River Ltd\n\n-- \n")
    assert own.text(customer, "token").startswith("Own words for Blue River Ltd\n\n-- \n")


@pytest.mark.parametrize(
    ("body", "kept"),
    [("  a\nb ", "a\nb"), ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"), ("<b>a</b>", "<b>a</b>"), ("a <3 b", "a <3 b")],
)
def test_text_without_tags_stays_text(body, kept):
    assert tidy(body) == kept
    assert lost_placeholders(body) == []


# -- preview and trial


def test_the_preview_is_filled_for_a_real_customer(in_tenant, marketer):
    template = make_template(in_tenant, body="<p>Dear {{ customer.contact|you }} of {{ customer.name }}</p>")
    first = make_customer(in_tenant, name="First")
    make_contact(first, name="Ann Lee", is_primary=True)
    make_customer(in_tenant, name="Second")

    page = marketer.get(f"marketing/templates/{template.pk}/?customer={first.pk}")
    framed = marketer.get(f"marketing/templates/{template.pk}/mail/?customer={first.pk}")

    assert page.context["preview"].subject == "Summer at Acme Trading"
    assert f"/marketing/templates/{template.pk}/mail/?customer={first.pk}" in page.content.decode()
    assert "Dear Ann Lee of First" in framed.content.decode()
    assert framed["Content-Security-Policy"].startswith("sandbox")
    # Nothing in it counts or unsubscribes.
    assert "open.gif" not in framed.content.decode()
    assert "/unsubscribe/" not in framed.content.decode()


def test_the_preview_shows_no_customer_out_of_sight(in_tenant, marketer, owner):
    template = make_template(in_tenant, body="<p>Dear {{ customer.name }}</p>")
    hidden = make_customer(in_tenant, name="Hidden", owner=owner.user)
    make_customer(in_tenant, name="Mine", owner=marketer.user)
    marketer.membership.scopes = {"customers": "own"}
    marketer.membership.save()

    framed = marketer.get(f"marketing/templates/{template.pk}/mail/?customer={hidden.pk}")

    assert "Hidden" not in framed.content.decode()
    assert "Dear Mine" in framed.content.decode()


def test_without_a_customer_there_is_no_preview(in_tenant, marketer):
    template = make_template(in_tenant)

    assert marketer.get(f"marketing/templates/{template.pk}/").status_code == 200
    assert marketer.get(f"marketing/templates/{template.pk}/mail/").status_code == 404


def test_a_trial_goes_to_whoever_asks_and_to_nobody_else(in_tenant, marketer, post):
    template = make_template(in_tenant)
    customer = make_customer(in_tenant, email="ann@river.example")

    response = marketer.post(f"marketing/templates/{template.pk}/trial/", {"customer": customer.pk})

    (mail,) = post.mails
    html = str(mail.alternatives[0][0])
    assert response.status_code == 302
    assert mail.to == [marketer.user.email]
    assert "Dear Blue River Ltd" in html
    assert 'href="https://acme.example/summer"' in html
    assert f"/e/{trial_token(in_tenant)}/trial/" in html
    assert "open.gif" not in html
    assert "List-Unsubscribe" not in mail.extra_headers
    assert not Send.objects.exists()


def test_a_trial_that_cannot_be_sent_says_so(in_tenant, marketer, post):
    template = make_template(in_tenant)
    customer = make_customer(in_tenant)
    post.answers[marketer.user.email] = MailServerGone()

    response = marketer.post(f"marketing/templates/{template.pk}/trial/", {"customer": customer.pk})

    assert response.status_code == 422
    assert "The mail server cannot be reached" in response.content.decode()


def test_who_may_only_look_sends_no_trial(in_tenant, reader, analyst, post):
    template = make_template(in_tenant)

    for member in (reader, analyst):
        assert member.post(f"marketing/templates/{template.pk}/trial/", {"customer": 1}).status_code == 403
    assert post.mails == []


DETAIL_QUERIES = 6


def test_the_page_of_a_template_states_its_statements(in_tenant, marketer, django_assert_num_queries):
    template = make_template(in_tenant)
    make_customer(in_tenant)
    marketer.get(f"marketing/templates/{template.pk}/")

    with django_assert_num_queries(DETAIL_QUERIES):
        marketer.get(f"marketing/templates/{template.pk}/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements(in_tenant, marketer, number, django_assert_num_queries):
    for place in range(number):
        make_template(in_tenant, name=f"Template {place}")
    marketer.get("marketing/templates/")

    with django_assert_num_queries(6):
        assert len(marketer.get("marketing/templates/").context["rows"].rows) == number


def test_the_form_offers_the_placeholders(in_tenant, marketer):
    text = marketer.get("marketing/templates/new/").content.decode()

    assert 'data-insert="{{ customer.name }}"' in text
    assert "{{ unsubscribe }}" in text
