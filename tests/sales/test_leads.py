"""Leads, and what they become."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from crm.access.roles import Role
from crm.errors import ContactElsewhere, LeadConverted, LeadNotOpen
from crm.tenancy.context import use_tenant
from customers.models import Activity, Contact, Customer
from sales.choices.leads import DiscardReason, LeadStatus
from sales.duplicates import SAME_EMAIL, SAME_NAME, SAME_PHONE, find_duplicates, similar_leads
from sales.models import Deal, Lead
from sales.operations.leads import assign_leads, convert_lead, discard_lead, discard_leads, new_deal, reopen_lead
from sales.search import find_leads
from tests.conftest import sign_in
from tests.factories import make_contact, make_customer, make_member
from tests.factories.deals import make_deal, make_lead, make_pipeline, stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


LIST_QUERIES = 6


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


@pytest.fixture
def lead(in_tenant, owner):
    return make_lead(
        in_tenant,
        name="Ann Lee",
        company="Blue River Ltd",
        phone="13800000000",
        email="ann@blue.example",
        title="Head of purchasing",
        wechat="annlee",
        industry="Machinery",
        city="Bath",
        website="https://blue.example",
        source="event",
        external_id="L-7",
        note="Wants a quote by Friday.",
        owner=owner.user,
    )


def said(customer) -> str:
    return customer.activities.get().text


class TestConverting:
    def test_company_gets_a_customer_a_main_contact_and_a_deal(self, lead, pipeline, owner):
        deal = new_deal(name="Pilot", stage=stage(pipeline, "Engaging"), amount=500, currency="USD", owner=owner.user)

        converted = convert_lead(lead=lead, user=owner.user, deal=deal)

        customer, contact, deal = Customer.objects.get(), Contact.objects.get(), Deal.objects.get()
        assert (customer.name, customer.kind, customer.industry, customer.city, customer.source) == (
            "Blue River Ltd",
            "company",
            "Machinery",
            "Bath",
            "event",
        )
        assert (customer.owner, customer.stage) == (owner.user, "engaged")
        assert (contact.name, contact.phone, contact.title, contact.wechat, contact.is_primary) == (
            "Ann Lee",
            "13800000000",
            "Head of purchasing",
            "annlee",
            True,
        )
        assert (deal.customer, deal.contact, deal.stage.name, deal.amount) == (customer, contact, "Engaging", 500)
        assert (converted.status, converted.customer, converted.contact, converted.deal) == (
            LeadStatus.CONVERTED,
            customer,
            contact,
            deal,
        )
        assert converted.converted_by == owner.user

    def test_person_becomes_a_customer_without_contact(self, in_tenant, owner):
        convert_lead(lead=make_lead(in_tenant, phone="13800000000", email="a@b.example"), user=owner.user)

        customer = Customer.objects.get()
        assert (customer.name, customer.kind, customer.phone, customer.email) == (
            "Ann Lee",
            "person",
            "13800000000",
            "a@b.example",
        )
        assert not Contact.objects.exists()

    def test_nothing_that_was_known_of_the_lead_is_lost(self, lead, owner):
        convert_lead(lead=lead, user=owner.user)

        customer, contact = Customer.objects.get(), Contact.objects.get()
        kept = {
            *(str(getattr(customer, field.attname)) for field in customer._meta.concrete_fields),
            *(str(getattr(contact, field.attname)) for field in contact._meta.concrete_fields),
        }
        for value in ("Ann Lee", "Blue River Ltd", "13800000000", "ann@blue.example", "annlee", "https://blue.example"):
            assert value in kept
        assert "Wants a quote by Friday." in said(customer)
        assert "L-7" in said(customer)

    def test_existing_customer_keeps_what_it_says_gets_what_it_lacks_and_the_rest_is_noted(
        self, in_tenant, lead, owner
    ):
        known = make_customer(in_tenant, name="Blue River", city="Wells", owner=owner.user)
        ann = make_contact(known, name="Ann", phone="13911111111")

        convert_lead(lead=lead, user=owner.user, customer=known, contact=ann)

        known.refresh_from_db()
        ann.refresh_from_db()
        assert (known.name, known.city, known.industry) == ("Blue River", "Wells", "Machinery")
        assert (ann.name, ann.phone, ann.email, ann.title) == (
            "Ann",
            "13911111111",
            "ann@blue.example",
            "Head of purchasing",
        )
        for left in ("Company: Blue River Ltd", "City: Bath", "Name: Ann Lee", "Phone: 13800000000"):
            assert left in said(known)
        assert "Machinery" not in said(known)
        assert known.version > 1

    def test_planned_contact_goes_over_to_the_customer(self, in_tenant, owner):
        day = timezone.localdate() + timedelta(days=3)

        convert_lead(lead=make_lead(in_tenant, next_contact_on=day), user=owner.user)

        assert Customer.objects.get().next_contact_on == day

    def test_lead_is_converted_once(self, lead, owner, colleague):
        convert_lead(lead=lead, user=owner.user)

        with pytest.raises(LeadConverted, match=r"sales@acme\.example has converted this lead to “Blue River Ltd”"):
            convert_lead(lead=lead, user=colleague.user)

        assert Customer.objects.count() == 1

    def test_contact_of_another_customer_is_refused(self, in_tenant, lead, owner):
        known, other = make_customer(in_tenant), make_customer(in_tenant, name="Red Hill")

        with pytest.raises(ContactElsewhere):
            convert_lead(lead=lead, user=owner.user, customer=known, contact=make_contact(other))

    def test_refused_deal_takes_everything_back(self, lead, pipeline, owner, in_tenant, monkeypatch):
        deal = new_deal(name="x", stage=stage(pipeline, "Engaging"), amount=1, currency="USD", owner=owner.user)

        def fail(**kwargs):
            raise ContactElsewhere

        monkeypatch.setattr("sales.operations.leads.save_deal", fail)
        with pytest.raises(ContactElsewhere):
            convert_lead(lead=lead, user=owner.user, deal=deal)

        assert [model.objects.count() for model in (Customer, Contact, Deal, Activity)] == [0, 0, 0, 0]
        assert Lead.objects.get().status == LeadStatus.NEW


class TestDuplicates:
    @pytest.mark.parametrize(
        ("known", "reasons"),
        [
            ({"name": "Other", "phone": "13800000000"}, [SAME_PHONE]),
            ({"name": "Other", "email": "ann@blue.example"}, [SAME_EMAIL]),
            ({"name": "Blue River"}, [SAME_NAME]),
            ({"name": "BLUE RIVER Limited"}, [SAME_NAME]),
            ({"name": "Blue River", "phone": "13800000000"}, [SAME_PHONE, SAME_NAME]),
            ({"name": "Red River"}, None),
        ],
        ids=str,
    )
    def test_customer_is_recognised_by_telephone_address_and_name(self, in_tenant, lead, owner, known, reasons):
        customer = Customer(owner=owner.user, **known)
        customer.save()

        found = find_duplicates(owner.membership, lead).candidates

        assert [(one.customer, one.reasons) for one in found] == ([(customer, reasons)] if reasons else [])

    def test_company_is_recognised_in_chinese_with_or_without_its_legal_form(self, in_tenant, owner):
        known = Customer(name="华星科技", owner=owner.user)
        known.save()

        lead = make_lead(in_tenant, company="华星科技股份有限公司")

        assert [one.customer for one in find_duplicates(owner.membership, lead).candidates] == [known]

    def test_contact_is_recognised_and_its_customer_offered_once(self, in_tenant, lead, owner):
        customer = Customer(name="Blue River", owner=owner.user)
        customer.save()
        contact = make_contact(customer, phone="13800000000")

        (found,) = find_duplicates(owner.membership, lead).candidates

        assert (found.customer, found.contact, found.is_likely) == (customer, contact, True)

    def test_what_one_may_not_see_is_not_named_but_said_to_be_there(self, in_tenant, lead, owner, colleague, admin):
        make_customer(in_tenant, name="Secret", phone="13800000000", owner=colleague.user)

        hidden, open_to_all = (find_duplicates(one.membership, lead) for one in (owner, admin))

        assert (hidden.candidates, hidden.is_known_elsewhere) == ([], True)
        assert ([one.customer.name for one in open_to_all.candidates], open_to_all.is_known_elsewhere) == (
            ["Secret"],
            False,
        )

    def test_another_tenants_customers_are_not_known(self, lead, owner, other_tenant):
        with use_tenant(other_tenant):
            make_customer(other_tenant, phone="13800000000")

        found = find_duplicates(owner.membership, lead)

        assert (found.candidates, found.is_known_elsewhere) == ([], False)

    def test_seven_statements_are_enough(self, in_tenant, lead, owner, django_assert_num_queries):
        for number in range(4):
            make_contact(make_customer(in_tenant, name=f"Blue River {number}", owner=owner.user), phone="13800000000")

        with django_assert_num_queries(5):
            assert len(find_duplicates(owner.membership, lead).candidates) == 4

    def test_leads_reached_the_same_way_are_similar(self, in_tenant, lead, owner):
        same = make_lead(in_tenant, name="A. Lee", email="ann@blue.example", owner=owner.user)
        make_lead(in_tenant, name="Bob", phone="13811111111", owner=owner.user)

        assert similar_leads(owner.membership, lead) == [same]


class TestDeciding:
    def test_discarded_lead_says_why_and_comes_back_without_it(self, lead):
        discard_lead(lead=lead, reason=DiscardReason.NO_BUDGET)
        discarded = Lead.objects.values_list("status", "discard_reason").get()
        reopen_lead(lead=lead)

        assert discarded == ("discarded", "no_budget")
        assert Lead.objects.values_list("status", "discard_reason").get() == ("working", "")

    def test_what_is_decided_is_not_decided_again(self, lead, owner):
        with pytest.raises(LeadNotOpen):
            reopen_lead(lead=lead)
        convert_lead(lead=lead, user=owner.user)
        with pytest.raises(LeadNotOpen):
            discard_lead(lead=lead, reason=DiscardReason.OTHER)

    def test_many_are_discarded_but_none_that_was_converted(self, in_tenant, lead, owner):
        make_lead(in_tenant, name="Bob")
        convert_lead(lead=lead, user=owner.user)

        assert discard_leads(leads=Lead.objects.all(), reason=DiscardReason.OTHER) == 1
        assert assign_leads(leads=Lead.objects.all(), owner=owner.user) == 1


class TestPages:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_list_states_the_same_few_queries(self, in_tenant, owner, rows, django_assert_num_queries):
        for number in range(rows):
            make_lead(in_tenant, name=f"Lead {number}", owner=owner.user)
        owner.get("sales/leads/")

        with django_assert_num_queries(LIST_QUERIES):
            owner.get("sales/leads/")

    def test_page_of_a_lead_shows_who_it_may_be(self, in_tenant, lead, owner):
        make_customer(in_tenant, name="Known Already Ltd", phone="13800000000", owner=owner.user)

        page = owner.get(f"sales/leads/{lead.pk}/").content.decode()

        assert "Known Already Ltd" in page
        assert "same telephone number" in page

    def test_converting_offers_whom_it_may_be_first_and_leads_to_the_deal(self, in_tenant, lead, pipeline, owner):
        known = make_customer(in_tenant, name="Known Already Ltd", phone="13800000000", owner=owner.user)
        page = owner.get(f"sales/leads/{lead.pk}/convert/").content.decode()

        answer = owner.post(
            f"sales/leads/{lead.pk}/convert/",
            {
                "target": f"{known.pk}:",
                "with_deal": "on",
                "deal_name": "Pilot",
                "stage": stage(pipeline, "Prospecting").pk,
                "amount": "1,250.50",
                "currency": "USD",
            },
        )

        deal = Deal.objects.get()
        assert f'value="{known.pk}:" ' in page
        assert page.index(f'value="{known.pk}:"') < page.index("checked") < page.index('value="other"')
        assert answer.headers["Location"] == f"/t/acme/sales/deals/{deal.pk}/"
        assert (deal.customer, deal.amount, deal.owner) == (known, 1_250_50, owner.user)

    def test_another_customer_may_be_chosen(self, in_tenant, lead, pipeline, owner):
        other = make_customer(in_tenant, name="Elsewhere", owner=owner.user)

        answer = owner.post(
            f"sales/leads/{lead.pk}/convert/", {"target": "other", "customer": other.pk, "currency": "USD"}
        )

        assert answer.headers["Location"] == f"/t/acme/customers/{other.pk}/"
        assert not Deal.objects.exists()

    @pytest.mark.parametrize(
        ("sent", "refusal"),
        [
            ({"target": "other"}, "Choose the customer."),
            ({"target": "new", "with_deal": "on", "deal_name": ""}, "A deal needs this."),
            ({"target": "999:"}, "Select a valid choice."),
        ],
    )
    def test_refused_conversion_keeps_what_was_typed(self, lead, pipeline, owner, sent, refusal):
        answer = owner.post(f"sales/leads/{lead.pk}/convert/", {"currency": "USD", "amount": "1234", **sent})

        assert answer.status_code == 422
        assert refusal in answer.content.decode()
        assert 'value="1234"' in answer.content.decode()
        assert not Customer.objects.exists()

    def test_form_that_is_sent_twice_converts_once_and_leads_to_the_same_place(self, lead, owner):
        data = {"target": "new", "currency": "USD", "once": "6b0f4b1c-9d5a-4d5e-8f1a-0f3c2f6c9a11"}

        first, second = (owner.post(f"sales/leads/{lead.pk}/convert/", data) for _ in range(2))

        assert first.headers["Location"] == second.headers["Location"]
        assert Customer.objects.count() == 1

    def test_converted_lead_leads_to_its_customer(self, lead, owner):
        convert_lead(lead=lead, user=owner.user)

        answer = owner.get(f"sales/leads/{lead.pk}/convert/")

        assert answer.headers["Location"] == f"/t/acme/customers/{Customer.objects.get().pk}/"

    def test_converted_lead_offers_neither_converting_nor_discarding(self, lead, owner):
        before = owner.get(f"sales/leads/{lead.pk}/").content.decode()
        convert_lead(lead=lead, user=owner.user)
        after = owner.get(f"sales/leads/{lead.pk}/").content.decode()

        assert ("/convert/" in before, "/discard/" in before, "/reopen/" in before) == (True, True, False)
        assert ("/convert/" in after, "/discard/" in after, "/reopen/" in after) == (False, False, False)

    def test_status_of_a_decided_lead_cannot_be_typed(self, lead, owner):
        discard_lead(lead=lead, reason=DiscardReason.OTHER)
        lead.refresh_from_db()
        data = {"name": "Ann", "status": "new", "version": lead.version, "owner": owner.user.pk}

        owner.post(f"sales/leads/{lead.pk}/edit/", data)

        assert Lead.objects.values_list("name", "status").get() == ("Ann", "discarded")

    def test_marketers_enter_leads_and_do_not_convert_them(self, in_tenant, lead):
        marketer = sign_in(make_member(in_tenant, "marketer@acme.example", Role.MARKETER))

        created = marketer.post("sales/leads/new/", {"name": "Bob", "status": "new"})

        assert created.status_code == 302
        assert marketer.get(f"sales/leads/{lead.pk}/convert/").status_code == 403

    def test_representative_sees_own_leads_only(self, lead, owner, colleague):
        assert owner.get(f"sales/leads/{lead.pk}/").status_code == 200
        assert colleague.get(f"sales/leads/{lead.pk}/").status_code == 404
        assert "Ann Lee" not in colleague.get("sales/leads/").content.decode()

    def test_home_shows_the_leads_that_wait(self, lead, owner):
        assert "Ann Lee" in owner.get("?panels=all").content.decode()
        discard_lead(lead=lead, reason=DiscardReason.OTHER)
        assert "Ann Lee" not in owner.get("?panels=all").content.decode()


@pytest.mark.parametrize("text", ["Ann", "blue river", "13800000000", "0000", "ann@blue"])
def test_leads_are_found_by_name_company_telephone_and_address(lead, owner, colleague, text):
    assert find_leads(owner.membership, text, 5) == [lead]
    assert find_leads(colleague.membership, text, 5) == []


def test_chinese_leads_are_found_by_characters_pinyin_and_initials(in_tenant, admin):
    lead = make_lead(in_tenant, name="李四", company="华星科技")

    for text in ("李四", "lisi", "华星", "huaxing", "hxkj"):
        assert find_leads(admin.membership, text, 5) == [lead]


def test_customer_that_is_deleted_takes_the_converted_lead_along(in_tenant, lead, pipeline, owner):
    from customers.operations import delete_customers

    convert_lead(lead=lead, user=owner.user)
    make_deal(pipeline, customer=Customer.objects.get())

    delete_customers(customers=Customer.objects.all())

    assert [model.objects.count() for model in (Customer, Lead, Deal)] == [0, 0, 0]
