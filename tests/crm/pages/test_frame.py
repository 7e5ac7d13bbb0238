"""Menu, language, look, first page, and the pages that say no."""

import re
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse, set_script_prefix, set_urlconf

from crm.pages import navigation
from crm.pages.navigation import Entry
from crm.pages.views import errors
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer, Tag
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def labels(sections):
    return [link.label for section in sections for link in section.links]


@contextmanager
def asked_by(member):
    """A request as the tenant's pages see it, with their addresses."""
    request = member.get("tags/").wsgi_request
    set_script_prefix("/t/acme/")
    set_urlconf("crm.tenant_urls")
    try:
        yield request
    finally:
        set_script_prefix("/")
        set_urlconf(None)


@pytest.fixture
def entries(monkeypatch):
    """An empty menu, to be filled by the test."""
    monkeypatch.setattr(navigation, "_entries", {})
    navigation._sorted.cache_clear()
    yield navigation.register
    navigation._sorted.cache_clear()


def test_the_menu_shows_what_the_member_may_open(in_tenant, reader, admin, entries):
    entries(
        Entry("customers:tag_list", "Second", section="sales", order=2, needs=(Tag, "view")),
        Entry("customers:customer_list", "First", section="sales", order=1, needs=(Customer, "view")),
        Entry("customers:contact_list", "Only for those who delete", section="sales", needs=(Customer, "delete")),
        Entry("customers:activity_list", "Never", needs=lambda request: False),
    )

    def shown(member):
        return labels(member.get("tags/").context["menu"])

    assert shown(reader) == ["First", "Second"]
    assert shown(admin) == ["First", "Second", "Only for those who delete"]


def test_the_entry_of_the_page_is_marked_also_below_it(in_tenant, admin):
    customer = make_customer(in_tenant, owner=admin.user)
    menu = admin.get(f"customers/{customer.pk}/").context["menu"]

    assert [link.label for section in menu for link in section.links if link.is_current] == ["Customers"]


def test_commands_are_found_by_label_and_by_other_words(in_tenant, admin, entries):
    entries(Entry("customers:customer_list", "Customers", words="kehu 客户"), Entry("customers:tag_list", "Tags"))

    with asked_by(admin) as request:
        found = {
            text: [link.label for link in navigation.commands(request, text)] for text in ("KEH", "客", "", "nothing")
        }

    assert found == {"KEH": ["Customers"], "客": ["Customers"], "": ["Customers", "Tags"], "nothing": []}


def test_the_first_page_shows_a_members_panels(in_tenant, admin, monkeypatch):
    monkeypatch.setattr("crm.pages.views.home._panels", {})
    register_panel(Panel("a", "Shown <here>", "pages/messages.html", lambda request: {}, order=2))
    register_panel(Panel("b", "Left out", "pages/messages.html", lambda request: None, order=1))
    register_panel(Panel("c", "Not for me", "pages/messages.html", lambda request: {}, needs=lambda request: False))

    response = admin.get("")

    assert [panel.title for column in response.context["columns"] for panel in column.panels] == ["Shown <here>"]
    assert "Shown &lt;here&gt;" in response.content.decode()


@pytest.fixture
def panels(monkeypatch):
    """Of a home page that shows two at once: the third is wide, the fourth is not."""
    monkeypatch.setattr("crm.pages.views.home._panels", {})
    monkeypatch.setattr("crm.pages.views.home.HomePage.at_once", 2)
    for place in range(4):
        register_panel(
            Panel(f"p{place}", f"Panel {place}", "pages/messages.html", lambda _: {}, order=place, is_wide=place == 2)
        )


def titles(response) -> list[str]:
    return re.findall(r"Panel \d(?=</h2>)", response.content.decode())


def test_later_panels_follow_in_a_request_of_their_own(in_tenant, admin, panels):
    first = admin.get("")
    more = admin.get("?panels=more")

    assert titles(first) == ["Panel 0", "Panel 1"]
    assert 'hx-get="?panels=more"' in first.content.decode()
    assert titles(more) == ["Panel 2", "Panel 3"]
    assert more.content.decode().index("Panel 2") < more.content.decode().index("beforeend:#panels-narrow")
    assert "<html" not in more.content.decode()


def test_without_scripts_a_link_shows_all_panels(in_tenant, admin, panels):
    assert '<noscript><p><a class="btn" href="?panels=all">' in admin.get("").content.decode()
    assert titles(admin.get("?panels=all")) == ["Panel 2", "Panel 0", "Panel 1", "Panel 3"]


def test_that_nothing_waits_is_said_when_all_panels_have_been_asked(in_tenant, admin, panels, monkeypatch):
    for place in range(4):
        register_panel(Panel(f"p{place}", "", "pages/messages.html", lambda _: None))

    first = admin.get("")

    assert "Nothing is waiting" not in first.content.decode()
    assert 'hx-get="?panels=more&amp;alone"' in first.content.decode()
    assert "Nothing is waiting" in admin.get("?panels=more&alone").content.decode()


# Language and look


def test_the_language_is_kept_in_the_browser_and_in_the_account(in_tenant, admin):
    response = admin.client.post("/preferences/", {"language": "zh-hans", "next": "/t/acme/customers/"})
    admin.user.refresh_from_db()

    assert response["Location"] == "/t/acme/customers/"
    assert admin.user.language == "zh-hans"
    assert '<html lang="zh-hans"' in admin.get("customers/").content.decode()


@pytest.mark.parametrize(("theme", "shown"), [("dark", "dark"), ("light", "light"), ("auto", "light")])
def test_the_look_is_in_the_page_before_any_script_runs(in_tenant, admin, theme, shown):
    admin.client.post("/preferences/", {"theme": theme})

    assert f'data-bs-theme="{shown}" data-theme="{theme}"' in admin.get("customers/").content.decode()


@pytest.mark.parametrize("data", [{"theme": 'x" onload="'}, {"language": "xx"}, {}])
def test_an_unknown_preference_changes_nothing(data):
    response = Client().post("/preferences/", data)

    assert response.status_code == 302
    assert not response.cookies


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_preference_leads_to_nowhere_else(target):
    assert Client().post("/preferences/", {"theme": "dark", "next": target})["Location"] == "/"


# Pages that say no


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_refusals_are_pages_in_the_persons_language(in_tenant, admin, reader, language):
    for member in (admin, reader):
        member.client.cookies["django_language"] = language
        member.user.language = language
        member.user.save()
    missing, forbidden = admin.get("customers/999/"), reader.get("customers/new/")

    assert (missing.status_code, forbidden.status_code) == (404, 403)
    for response in (missing, forbidden):
        assert f'<html lang="{language}"' in response.content.decode()
        assert "gx-sidebar" in response.content.decode()


def test_an_address_outside_any_tenant_is_refused_without_its_frame():
    response = Client().get("/nothing-here/")

    assert response.status_code == 404
    assert "gx-sidebar" not in response.content.decode()


def test_a_form_that_is_too_old_says_so(in_tenant, admin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    response = strict.post("/t/acme/tags/new/", {"name": "VIP"})

    assert response.status_code == 403
    assert "gx-error" in response.content.decode()
    assert not Tag.objects.exists()


@pytest.mark.parametrize(("call", "status"), [(lambda: errors.server_error(None), 500), (errors.unavailable, 503)])
def test_the_last_pages_need_neither_database_nor_request_and_speak_both_languages(
    call, status, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = call()

    text = response.content.decode()
    assert response.status_code == status
    assert 'lang="zh-hans"' in text
    assert '<h1 lang="en">' in text
    assert "/static/css/error" in text


def test_unavailable_asks_to_come_back():
    assert errors.unavailable()["Retry-After"] == "5"


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
def test_the_error_pages_exist(name):
    assert get_template(name)


def test_every_entry_of_the_menu_leads_somewhere(in_tenant, admin):
    with asked_by(admin) as request:
        links = navigation.commands(request, "")

    # Some lead on from there, as to the next ticket.
    assert {link.url: admin.client.get(link.url, follow=True).status_code for link in links} == dict.fromkeys(
        [link.url for link in links], 200
    )
    assert len(links) > 5


def test_the_tools_of_lists_lie_below_the_tenant():
    assert reverse("pages:pick", args=["customers"], urlconf="crm.tenant_urls") == "/lists/customers/pick/"
