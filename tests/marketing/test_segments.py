"""Segments: put together with and without scripts, counted in time, and the list of customers as their members."""

from __future__ import annotations

import pytest
from django.utils import translation

from crm.tenancy.urls import tenant_reverse
from customers.models import Customer
from marketing import counting
from marketing.builder import CHANGE, State
from marketing.counting import Reach, reach_of
from marketing.models import Segment
from tests.factories import make_customer
from tests.factories.marketing import conditions, make_campaign, make_segment, rule

pytestmark = pytest.mark.django_db
ACTIVE = {
    "conditions-r0-trait": "customers.stage",
    "conditions-r0-operator": "in",
    "conditions-r0-value": ["active"],
}


def address(tenant, name, *args):
    return tenant_reverse(tenant, f"marketing:{name}", *args).removeprefix(f"/t/{tenant.slug}/")


def typed(**fields):
    return {"name": "Ours", "note": "", "conditions-match": "all"} | fields


@pytest.fixture
def customers(in_tenant):
    for name, stage, city in (("a", "active", "Leeds"), ("b", "active", "London"), ("c", "lost", "Leeds")):
        make_customer(in_tenant, name=f"Customer {name}", stage=stage, city=city, email=f"{name}@mail.example")
    return in_tenant


# -- the form


def test_a_segment_is_kept_as_it_was_put_together(customers, marketer):
    group = {
        "conditions-g1-match": "any",
        "conditions-r1-trait": "customers.city",
        "conditions-r1-operator": "is",
        "conditions-r1-value": "Leeds",
        "conditions-r1-group": "1",
        "conditions-r2-trait": "customers.email",
        "conditions-r2-operator": "empty",
        "conditions-r2-group": "1",
    }
    response = marketer.post("marketing/segments/new/", typed(**ACTIVE, **group))

    segment = Segment.objects.get(name="Ours")
    assert response.status_code == 302
    assert segment.conditions == conditions(
        rule("customers.stage", "in", ["active"]),
        conditions(rule("customers.city", "is", "Leeds"), rule("customers.email", "empty"), match="any"),
    )
    assert segment.created_by == marketer.user
    assert [one.name for one in segment.members(marketer.membership)] == ["Customer a"]


def test_the_form_shows_what_is_kept(customers, marketer, manager):
    segment = make_segment(
        customers,
        rule("customers.stage", "not_in", ["lost", "lapsed"]),
        rule("customers.last_contact", "not_within", 90),
        rule("customers.created", "from", "2026-01-31"),
        conditions(rule("customers.city", "begins", "Lee"), match="any"),
    )

    page = marketer.get(address(customers, "segment_edit", segment.pk))
    sent = State.stored(segment.read(), marketer.membership)

    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="lost" id="id_conditions-r0-value_4" checked' in text.replace("\n", " ") or "checked" in text
    assert [row.raw for row in sent.rows] == [("lost", "lapsed"), ("90",), ("2026-01-31",), ("Lee",)]
    assert sent.groups == {"1": "any"}
    # And sent back as it is, it says the same.
    data = typed(name=segment.name, version=segment.version, beginning=page.context["beginning"])
    for key, value in sent.as_fields("conditions"):
        data.setdefault(key, [])
        data[key] = [*([data[key]] if isinstance(data[key], str) else data[key]), value]
    assert marketer.post(address(customers, "segment_edit", segment.pk), data).status_code == 302
    assert Segment.objects.get(pk=segment.pk).conditions == segment.conditions


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**ACTIVE, "conditions-r0-value": []}, "This field is required."),
        ({**ACTIVE, "conditions-r0-value": ["nowhere"]}, "Select a valid choice."),
        (
            {
                "conditions-r0-trait": "customers.last_contact",
                "conditions-r0-operator": "within",
                "conditions-r0-value": "soon",
            },
            "Enter a whole number.",
        ),
        (
            {"conditions-r0-trait": "customers.tag", "conditions-r0-operator": "is", "conditions-r0-value": "9" * 30},
            "Select a valid choice.",
        ),
    ],
)
def test_a_condition_that_is_not_complete_is_refused_and_keeps_what_was_typed(customers, marketer, fields, words):
    response = marketer.post("marketing/segments/new/", typed(**fields))

    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "Some conditions are not complete." in text
    assert 'value="Ours"' in text
    assert not Segment.objects.filter(name="Ours").exists()


def test_an_unknown_condition_is_left_out_of_the_form(customers, marketer):
    response = marketer.post("marketing/segments/new/", typed(**{"conditions-r0-trait": "nobody.knows"}))

    assert response.status_code == 302
    assert Segment.objects.get().conditions == conditions()


def test_rows_come_and_go_without_scripts(customers, marketer):
    """Each button sends the form: the same page comes back with a row more or less, and nothing is saved or judged."""
    first = marketer.post("marketing/segments/new/", typed(**{CHANGE: "add"}))
    assert first.status_code == 200
    assert 'name="conditions-r0-trait"' in first.content.decode()

    chosen = marketer.post(
        "marketing/segments/new/", typed(**{"conditions-r0-trait": "customers.stage", CHANGE: "refresh"})
    )
    assert 'name="conditions-r0-value"' in chosen.content.decode()
    assert "invalid-feedback" not in chosen.content.decode()

    grouped = marketer.post("marketing/segments/new/", typed(**ACTIVE, **{CHANGE: "group"}))
    text = grouped.content.decode()
    assert 'name="conditions-g1-match"' in text
    assert '<input type="hidden" name="conditions-r1-group" value="1">' in text
    assert 'value="Ours"' in text
    assert str(grouped.context["reach"]) == "2"

    removed = marketer.post("marketing/segments/new/", typed(**ACTIVE, **{CHANGE: "remove-0"}))
    assert 'name="conditions-r0-trait"' not in removed.content.decode()
    assert not Segment.objects.exists()


def test_what_a_row_was_about_before_is_forgotten_with_it(customers, marketer):
    data = {**ACTIVE, "conditions-r0-was": "customers.city", "conditions-r0-value": "Leeds", CHANGE: "refresh"}

    response = marketer.post("marketing/segments/new/", typed(**data))

    assert "Leeds" not in response.content.decode()


def test_an_edit_that_began_before_another_is_shown_side_by_side(customers, marketer, admin):
    segment = make_segment(customers, rule("customers.stage", "in", ["active"]))
    page = marketer.get(address(customers, "segment_edit", segment.pk))
    Segment.objects.filter(pk=segment.pk).update(
        conditions=conditions(rule("customers.stage", "in", ["lost"])), version=2
    )
    mine = typed(
        name=segment.name,
        version=1,
        beginning=page.context["beginning"],
        **{"conditions-r0-trait": "customers.city", "conditions-r0-operator": "is", "conditions-r0-value": "Leeds"},
    )

    conflict = marketer.post(address(customers, "segment_edit", segment.pk), mine)

    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "City is “Leeds”" in text
    assert "Stage is one of Lost" in text
    again = dict(conflict.context["sent"]) | {
        "version": conflict.context["version"],
        "beginning": conflict.context["beginning"],
        "keep-conditions": "theirs",
    }
    assert marketer.post(address(customers, "segment_edit", segment.pk), again).status_code == 302
    assert Segment.objects.get(pk=segment.pk).conditions == conditions(rule("customers.stage", "in", ["lost"]))


# -- the count while choosing


def count(marketer, target="segment-count", **fields):
    return marketer.post(
        "marketing/segments/conditions/", typed(**fields), headers={"hx-request": "true", "hx-target": target}
    )


def test_the_count_follows_the_choice(customers, marketer):
    assert str(count(marketer).context["reach"]) == "3"
    assert str(count(marketer, **ACTIVE).context["reach"]) == "2"


def test_rows_that_are_not_complete_yet_do_not_count(customers, marketer):
    half = {"conditions-r1-trait": "customers.city", "conditions-r1-operator": "is", "conditions-r1-value": ""}

    response = count(marketer, **ACTIVE, **half)

    assert str(response.context["reach"]) == "2"
    assert "invalid" not in response.content.decode()


def test_a_new_row_comes_with_the_count_beside_it(customers, marketer):
    response = count(marketer, "conditions", **{CHANGE: "add"})

    text = response.content.decode()
    assert 'id="conditions"' in text
    assert 'id="segment-count"' in text
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text


def test_only_who_may_put_segments_together_may_count(customers, marketer, owner, reader):
    for member in (owner, reader):
        assert count(member).status_code == 403
    assert marketer.get("marketing/segments/conditions/").status_code == 405


def test_what_takes_too_long_is_estimated(customers, marketer, monkeypatch):
    rows = Customer.objects.all()
    real = counting.capped_count

    def slow(queryset):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return real(queryset)

    monkeypatch.setattr(counting, "capped_count", slow)

    found = reach_of(rows, milliseconds=20)

    assert found.is_estimate
    with translation.override("en"):
        assert str(found).startswith("about ")
    # The transaction is as it was: without a limit, and usable.
    assert rows.count() == 3


def test_a_fault_that_is_no_waiting_stays_one(customers, monkeypatch):
    from django.db import DatabaseError

    def broken(queryset):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    monkeypatch.setattr(counting, "capped_count", broken)

    with pytest.raises(DatabaseError):
        reach_of(Customer.objects.all())


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Reach(7), "7"),
        (Reach(10_000, is_capped=True), "10,000+"),
        (Reach(4_300, is_estimate=True), "about 4,300"),
        (Reach(10_000, is_capped=True, is_estimate=True), "about 10,000+"),
    ],
)
def test_a_count_says_how_sure_it_is(reach, words):
    with translation.override("en"):
        assert str(reach) == words


# -- its pages


def test_a_segment_says_in_words_who_belongs_to_it(customers, marketer):
    segment = make_segment(
        customers,
        rule("customers.stage", "in", ["active"]),
        conditions(rule("customers.city", "is", "Leeds"), rule("customers.city", "is", "York"), match="any"),
    )

    page = marketer.get(address(customers, "segment_detail", segment.pk))

    text = page.content.decode()
    assert "Stage is one of Active customer" in text
    assert "(City is “Leeds” or City is “York”)" in text
    assert 'title="Customer a"' in text
    assert "Customer b" not in text
    assert (str(page.context["reach"]), str(page.context["reachable"])) == ("1", "1")


DETAIL_QUERIES = 13


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_segment_takes_the_same_statements(in_tenant, marketer, number, django_assert_num_queries):
    segment = make_segment(in_tenant)
    for place in range(number):
        make_customer(in_tenant, name=f"Customer {place}")
        make_campaign(in_tenant, segment=segment, name=f"Campaign {place}", template=_template(in_tenant, place))
    url = address(in_tenant, "segment_detail", segment.pk)
    marketer.get(url)

    with django_assert_num_queries(DETAIL_QUERIES):
        marketer.get(url)


def _template(tenant, place):
    from tests.factories.marketing import make_template

    return make_template(tenant, name=f"Template {place}")


LIST_QUERIES = 6


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements(in_tenant, marketer, number, django_assert_num_queries):
    for place in range(number):
        make_segment(in_tenant, name=f"Segment {place}")
    marketer.get("marketing/segments/")

    with django_assert_num_queries(LIST_QUERIES):
        response = marketer.get("marketing/segments/")

    assert len(response.context["rows"].rows) == number


def test_a_segment_that_asks_for_something_unknown_says_so_and_shows_nobody(customers, marketer):
    segment = make_segment(customers, rule("gone.app", "is", 1))

    page = marketer.get(address(customers, "segment_detail", segment.pk))
    listed = marketer.get(f"customers/?segment={segment.pk}")

    assert "not known here any more" in page.content.decode()
    assert 'title="Customer a"' not in page.content.decode()
    assert listed.status_code == 400
    assert 'title="Customer a"' not in listed.content.decode()


def test_a_segment_in_use_is_not_deleted(customers, marketer):
    campaign = make_campaign(customers)

    response = marketer.post(address(customers, "segment_delete", campaign.segment_id))

    assert response.status_code == 409
    assert "Summer sale" in response.content.decode()


def test_two_segments_have_two_names(customers, marketer):
    make_segment(customers, name="Ours")

    response = marketer.post("marketing/segments/new/", typed())

    assert response.status_code == 422
    assert "There is already a segment of this name." in response.content.decode()


# -- its members: the list of customers


def test_the_members_are_the_list_of_customers(customers, marketer):
    segment = make_segment(customers, rule("customers.stage", "in", ["active"]))

    page = marketer.get(f"customers/?segment={segment.pk}")

    assert {row.name for row in page.context["rows"].rows} == {"Customer a", "Customer b"}
    assert "Everybody" in page.content.decode()


def test_members_are_exported_like_any_list(customers, marketer, tmp_path):
    from crm.exports.files import Format
    from crm.exports.operations import export_to, listing_for

    segment = make_segment(customers, rule("customers.stage", "in", ["lost"]))
    listing = listing_for(marketer.membership, "customers", query=f"segment={segment.pk}")

    assert export_to(tmp_path / "x.csv", listing, Format.CSV) == 1
    assert "Customer c" in (tmp_path / "x.csv").read_text(encoding="utf-8-sig")


def test_members_are_those_that_one_may_see(customers, owner, marketer):
    segment = make_segment(customers)
    Customer.objects.filter(name="Customer a").update(owner=owner.user)

    page = owner.get(f"customers/?segment={segment.pk}")

    assert [row.name for row in page.context["rows"].rows] == ["Customer a"]
    assert [one.name for one in segment.members(owner.membership)] == ["Customer a"]
    assert segment.members(marketer.membership).count() == 3
