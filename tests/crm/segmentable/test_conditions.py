"""Conditions find the customers that their words promise, and nobody when they are not understood."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from crm.segmentable import read_conditions, traits
from crm.segmentable.conditions import UnknownCondition
from crm.segmentable.traits import Asked
from customers.models import Customer, CustomerTag
from tests.factories import make_activity, make_customer, make_tag

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)


def rule(trait, operator, value=None):
    return {"trait": trait, "operator": operator} | ({} if value is None else {"value": value})


def nested(one):
    return {"match": "all", "rules": [one]}


def found(tenant, *rules, match="all"):
    conditions = read_conditions({"match": match, "rules": list(rules)})
    rows = Customer.objects.filter(conditions.q(Asked.now(tenant, NOW)))
    return set(rows.values_list("name", flat=True))


@pytest.fixture
def customers(in_tenant, owner, colleague):
    def days_ago(days):
        return NOW - timedelta(days=days)

    make_customer(in_tenant, name="a", stage="active", level="a", city="Leeds", owner=owner.user, email="a@b.example",
                  created_at=days_ago(500), last_contact_at=days_ago(3))  # fmt: skip
    make_customer(in_tenant, name="b", stage="active", level="b", city="London", owner=colleague.user,
                  created_at=days_ago(20), last_contact_at=days_ago(100))  # fmt: skip
    make_customer(in_tenant, name="c", stage="lost", level="", city="", created_at=days_ago(5))
    return in_tenant


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("customers.stage", "in", ["active"]), "ab"),
        (("customers.stage", "in", ["active", "lost"]), "abc"),
        (("customers.stage", "not_in", ["active"]), "c"),
        (("customers.level", "not_in", ["a"]), "bc"),
        (("customers.city", "is", "Leeds"), "a"),
        (("customers.city", "is_not", "Leeds"), "bc"),
        (("customers.city", "begins", "L"), "ab"),
        (("customers.city", "empty"), "c"),
        (("customers.city", "filled"), "ab"),
        (("customers.email", "filled"), "a"),
        (("customers.email", "empty"), "bc"),
        (("customers.last_contact", "within", 30), "a"),
        (("customers.last_contact", "not_within", 30), "bc"),
        (("customers.last_contact", "empty"), "c"),
        (("customers.last_contact", "filled"), "ab"),
        (("customers.last_contact", "until", "2026-06-12"), "ab"),
        (("customers.last_contact", "from", "2026-06-13"), ""),
        (("customers.created", "within", 30), "bc"),
        (("customers.created", "not_within", 30), "a"),
        (("customers.created", "from", "2026-06-10"), "c"),
        (("customers.owner", "empty"), "c"),
        (("customers.owner", "filled"), "ab"),
    ],
)
def test_a_rule_finds_what_it_says(customers, asked, names):
    assert found(customers, rule(*asked)) == set(names)


def test_owners_are_told_apart_and_nobody_is_not_somebody(customers, owner):
    assert found(customers, rule("customers.owner", "is", owner.user.pk)) == {"a"}
    assert found(customers, rule("customers.owner", "is_not", owner.user.pk)) == {"b", "c"}


def test_tags_are_found_and_missed(customers):
    tag = make_tag(customers)
    CustomerTag.objects.create(tag=tag, customer=Customer.objects.get(name="b"))

    assert found(customers, rule("customers.tag", "is", tag.pk)) == {"b"}
    assert found(customers, rule("customers.tag", "is_not", tag.pk)) == {"a", "c"}


def test_a_kind_of_follow_up_is_found_in_the_other_table(customers):
    make_activity(Customer.objects.get(name="a"), kind="visit", at=NOW - timedelta(days=10))
    make_activity(Customer.objects.get(name="b"), kind="call", at=NOW - timedelta(days=10))

    assert found(customers, rule("customers.visit", "within", 30)) == {"a"}
    assert found(customers, rule("customers.visit", "within", 5)) == set()
    assert found(customers, rule("customers.visit", "not_within", 30)) == {"b", "c"}
    assert found(customers, rule("customers.visit", "empty")) == {"b", "c"}


def test_days_are_those_of_the_tenant(customers):
    """In Shanghai it is 11 o'clock of the 15th: a contact at 23:30 of the 14th was yesterday there."""
    customers.time_zone = "Asia/Shanghai"
    make_customer(customers, name="d", last_contact_at=datetime(2026, 6, 14, 15, 30, tzinfo=UTC))
    make_customer(customers, name="e", last_contact_at=datetime(2026, 6, 14, 16, 30, tzinfo=UTC))

    assert found(customers, rule("customers.last_contact", "from", "2026-06-15")) == {"e"}
    assert found(customers, rule("customers.last_contact", "until", "2026-06-14")) >= {"d"}


def test_rules_are_joined_by_all_or_any(customers):
    active, leeds = rule("customers.stage", "in", ["active"]), rule("customers.city", "is", "Leeds")
    nowhere = rule("customers.city", "empty")

    assert found(customers, active, leeds) == {"a"}
    assert found(customers, leeds, nowhere, match="any") == {"a", "c"}


def test_a_group_stands_for_one_rule(customers):
    group = {
        "match": "any",
        "rules": [rule("customers.city", "is", "London"), rule("customers.level", "in", ["a"])],
    }

    assert found(customers, rule("customers.stage", "in", ["active"]), group) == {"a", "b"}
    assert found(customers, rule("customers.email", "empty"), group) == {"b"}


def test_without_rules_it_is_everybody(customers):
    assert found(customers) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"match": "all"},
        {"match": "none", "rules": []},
        {"match": "all", "rules": [{}]},
        {"match": "all", "rules": [rule("nobody.knows", "is", 1)]},
        {"match": "all", "rules": [rule("customers.stage", "is", "active")]},
        {"match": "all", "rules": [rule("customers.stage", "in")]},
        {"match": "all", "rules": [rule("customers.last_contact", "within", "soon")]},
        {"match": "all", "rules": [{"match": "all", "rules": []}]},
        {
            "match": "all",
            "rules": [{"match": "all", "rules": [{"match": "all", "rules": [rule("customers.city", "empty")]}]}],
        },
        {"match": "all", "rules": [rule("customers.city", "empty")] * 31},
    ],
)
def test_what_is_not_understood_lets_nobody_in(stored):
    with pytest.raises(UnknownCondition):
        read_conditions(stored)


def test_conditions_are_kept_as_they_were(customers):
    stored = {
        "match": "any",
        "rules": [
            rule("customers.stage", "in", ["active"]),
            {"match": "all", "rules": [rule("customers.city", "empty"), rule("customers.created", "within", 5)]},
        ],
    }

    assert read_conditions(stored).as_json() == stored


def test_every_trait_answers_each_of_its_operators(customers, manager, owner):
    """With the value that its own input takes: none of them is a fault of the database."""
    tag = make_tag(customers)
    typed = {"customers.tag": str(tag.pk), "customers.owner": str(owner.user.pk)}
    asked = Asked.now(customers, timezone.now())

    for trait in traits().values():
        for operator in trait.operators:
            field, value = trait.field(operator, manager.membership), None
            if field is not None:
                raw = typed.get(trait.name) or sample(field)
                value = trait.to_json(field.clean(raw))
            stored = {"match": "all", "rules": [rule(trait.name, str(operator), value)]}
            (read,) = read_conditions(stored).rules

            assert Customer.objects.filter(read.q(asked)).count() >= 0
            assert read.in_words(customers)


def sample(field):
    if hasattr(field, "choices") and not hasattr(field, "queryset"):
        return [field.choices[0][0]]
    if hasattr(field, "queryset"):
        return str(field.queryset.first().pk)
    return "2026-01-31" if "Date" in type(field).__name__ else "7"


def test_rules_are_said_in_words(customers, owner):
    tag = make_tag(customers)
    said = [
        (rule("customers.stage", "in", ["active", "lost"]), "Stage is one of Active customer, Lost"),
        (rule("customers.city", "begins", "Lon"), "City begins with “Lon”"),
        (rule("customers.last_contact", "not_within", 90), "Last contact not in the last 90 days"),
        (rule("customers.tag", "is", tag.pk), "Tag is “VIP”"),
        (rule("customers.tag", "is", 10**15), "Tag is (deleted)"),
        (rule("customers.email", "filled"), "E-mail is known"),
    ]

    with translation.override("en"):
        for stored, words in said:
            (read,) = read_conditions({"match": "all", "rules": [stored]}).rules
            assert read.in_words(customers) == words
