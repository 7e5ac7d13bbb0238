"""Texts that people write are filled by looking names up. Nothing in them is ever evaluated."""

from types import SimpleNamespace

import pytest
from django.utils import translation

from crm.placeholders import parse, placeholders, reading
from crm.placeholders.registry import find
from crm.placeholders.texts import BadPlaceholder, OpenPlaceholder
from customers.models import Customer
from tests.factories import make_contact, make_customer


def customer(**fields):
    return SimpleNamespace(**({"name": "Blue River", "city": "", "industry": "", "main_contact": None} | fields))


def filled(text: str, *, is_html: bool = False, **fields) -> str:
    return parse(text, sources={"customer"}, is_html=is_html).fill({"customer": customer(**fields)})


def test_a_placeholder_is_filled():
    assert filled("Dear {{ customer.name }}, {{customer.name}}!") == "Dear Blue River, Blue River!"


def test_what_is_not_known_is_said_otherwise():
    assert filled("In {{ customer.city|your city }}.") == "In your city."
    assert filled("In {{ customer.city|your city }}.", city="Leeds") == "In Leeds."
    assert filled("In {{ customer.city }}.") == "In ."
    assert filled("在{{ customer.city｜您的城市 }}") == "在您的城市"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("written", [str, str.upper, str.lower])
def test_a_placeholder_is_known_by_its_name_in_every_language(language, written):
    with translation.override(language):
        label = written(str(find("customer.name").label))

    with translation.override("en"):
        assert filled(f"{{{{ {label} }}}} {{{{ {written('customer.name')} }}}}") == "Blue River Blue River"


def test_a_value_is_text_whatever_it_holds():
    evil = '<script>alert("x")</script> {{ customer.name }} {% now "Y" %}'

    assert filled("{{ customer.name }}", name=evil) == evil
    assert filled("<p>{{ customer.name }}</p>", name=evil, is_html=True) == (
        "<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; {{ customer.name }} {% now &quot;Y&quot; %}</p>"
    )
    assert filled("<p>{{ customer.city|A & B }}</p>", is_html=True) == "<p>A &amp; B</p>"


def test_what_a_program_for_writing_puts_between_the_braces_is_read_as_meant():
    assert filled("<p>{{&nbsp;customer.<b>name</b>&nbsp;|&nbsp;you }}</p>", is_html=True) == "<p>Blue River</p>"


@pytest.mark.parametrize("name", ["customer", "customer.owner.password", "customer.__class__", "nobody", "", "1"])
def test_nothing_else_can_be_reached(name):
    with pytest.raises(BadPlaceholder):
        filled(f"{{{{ {name} }}}}")


def test_what_is_not_at_hand_cannot_be_asked_for():
    with pytest.raises(BadPlaceholder):
        parse("{{ customer.name }}", sources={"tenant"})


@pytest.mark.parametrize(
    "text", ["{{ customer.name", "a }} b", "{{ customer.name {{ customer.city }}", "{{" + "x" * 400 + "}}"]
)
def test_braces_that_do_not_close_are_refused(text):
    with pytest.raises(OpenPlaceholder):
        filled(text)


def test_template_code_is_plain_text():
    assert filled("{% load x %}{# a #} { a } ${a}") == "{% load x %}{# a #} { a } ${a}"


def test_the_list_offers_what_is_at_hand():
    assert [item.name for item in placeholders("customer")][:2] == ["customer.name", "customer.contact"]
    assert placeholders("nothing") == []


@pytest.mark.django_db
def test_a_thousand_mails_cost_one_statement(in_tenant, owner, django_assert_num_queries):
    for number in range(3):
        made = make_customer(in_tenant, name=f"Customer {number}", owner=owner.user)
        make_contact(made, name=f"Contact {number}", is_primary=True)
    text = parse("{{ customer.contact }} of {{ customer.name }}: {{ customer.owner }}", sources={"customer"})

    with django_assert_num_queries(1):
        rows = reading(Customer.objects.order_by("pk"), text.names)
        written = [text.fill({"customer": row}) for row in rows]

    assert written == [f"Contact {n} of Customer {n}: {owner.user}" for n in range(3)]
