"""The pages of products, quotes and purchases, as people use them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from sales.choices.quotes import QuoteStatus
from sales.models import Product, Quote, QuoteSettings, Transaction
from sales.operations.sending import send_quote
from tests.factories import make_contact, make_customer
from tests.factories.sales_documents import make_line, make_product, make_quote, make_transaction
from tests.pdf import Pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant, owner):
    return make_customer(in_tenant, owner=owner.user, email="buyer@blue.example")


@pytest.fixture
def quote(customer, owner):
    return make_quote(customer, owner.user, title="New office")


def typed(customer, *rows, **fields) -> dict[str, str]:
    """What the browser sends for a quote; `rows` are those of its lines."""
    data = {
        "customer": customer.pk,
        "owner": customer.owner_id,
        "title": "New office",
        "language": "en",
        "currency": "USD",
        "issued_on": "2026-03-02",
        "expires_on": "2026-04-01",
    } | fields
    for number, row in enumerate(rows):
        data |= {f"lines-{number}-{name}": value for name, value in row.items()}
    return {name: str(value) for name, value in data.items()}


CHAIR = {"name": "Office chair", "quantity_milli": "2", "unit_price": "120.00", "tax_bp": "10"}


def status(response) -> int:
    return response.status_code


# -- writing a quote


def test_quote_is_written_with_its_lines_on_one_page(owner, customer):
    desk = {"name": "Desk", "quantity_milli": "1.5", "unit_price": "1,000", "tax_bp": "10", "discount_bp": "10"}

    response = owner.post("sales/quotes/new/", typed(customer, CHAIR, desk, discount_bp="5"))

    quote = Quote.objects.get()
    assert response.headers["Location"] == f"/t/acme/sales/quotes/{quote.pk}/"
    assert [(line.name, line.quantity_milli, line.amount) for line in quote.lines.order_by("pos")] == [
        ("Office chair", 2_000, 24_000),
        ("Desk", 1_500, 135_000),
    ]
    assert (quote.net_amount, quote.tax_amount, quote.total_amount) == (151_050, 15_105, 166_155)


def test_new_quote_begins_with_what_the_tenant_usually_says(owner, customer):
    QuoteSettings.objects.create(validity_days=14, tax_bp=1300, terms="Cash only.", is_tax_included=True)

    page = owner.get(f"sales/quotes/new/?customer={customer.pk}").content.decode()

    expires = (timezone.localdate() + timedelta(days=14)).isoformat()
    assert f'value="{expires}"' in page
    assert "Cash only." in page
    assert 'name="lines-0-tax_bp" value="13"' in page
    assert f'<option value="{customer.pk}" selected>' in page


def test_blank_rows_are_left_out(owner, customer):
    blank = {"name": "", "quantity_milli": "1", "unit_price": "", "tax_bp": "13"}

    owner.post("sales/quotes/new/", typed(customer, blank, CHAIR, blank))

    assert [line.name for line in Quote.objects.get().lines.all()] == ["Office chair"]


def test_refused_quote_keeps_what_was_typed_and_says_which_line_is_wrong(owner, customer):
    response = owner.post("sales/quotes/new/", typed(customer, CHAIR, CHAIR | {"unit_price": "a lot"}))

    page = response.content.decode()
    assert status(response) == 422
    assert 'value="a lot"' in page
    assert "Line 2, Unit price: Enter a number." in page
    assert not Quote.objects.exists()


def test_product_brings_its_name_price_and_tax(owner, customer, in_tenant):
    chair = make_product(in_tenant, price=12_000, tax_bp=1_000, unit="pcs")

    owner.post("sales/quotes/new/", typed(customer, {"product": chair.pk, "quantity_milli": "3"}))

    (line,) = Quote.objects.get().lines.all()
    assert (line.name, line.unit, line.unit_price, line.tax_bp, line.amount) == (
        "Office chair",
        "pcs",
        12_000,
        1_000,
        36_000,
    )


def test_product_priced_in_another_currency_asks_for_a_price(owner, customer, in_tenant):
    chair = make_product(in_tenant, currency="EUR")

    response = owner.post("sales/quotes/new/", typed(customer, {"product": chair.pk}))

    assert status(response) == 422
    assert "Enter the price in USD: the product has one in EUR only." in response.content.decode()


def test_same_form_sent_twice_writes_one_quote(owner, customer):
    data = typed(customer, CHAIR, once="5a1a5a1a-0000-4000-8000-000000000000")

    first, second = owner.post("sales/quotes/new/", data), owner.post("sales/quotes/new/", data)

    assert Quote.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


# -- rows, with and without scripts


def test_button_adds_a_row_and_saves_nothing(owner, customer):
    response = owner.post("sales/quotes/new/", typed(customer, CHAIR) | {"lines-add": "1"})

    page = response.content.decode()
    assert status(response) == 200
    assert 'name="lines-1-name"' in page
    assert 'value="Office chair"' in page
    assert not Quote.objects.exists()


def test_button_takes_a_row_out_and_another_moves_one_up(owner, customer):
    rows = [CHAIR | {"name": name} for name in ("A", "B", "C")]

    without = owner.post("sales/quotes/new/", typed(customer, *rows) | {"lines-remove": "1"}).content.decode()
    moved = owner.post("sales/quotes/new/", typed(customer, *rows) | {"lines-up": "2"}).content.decode()

    assert names_in(without) == ["A", "C"]
    assert names_in(moved) == ["A", "C", "B"]


def names_in(page: str) -> list[str]:
    return [part.split('value="')[1].split('"')[0] for part in page.split('name="lines-')[1:] if "-name" in part[:8]]


def test_button_of_an_edit_keeps_the_version_the_edit_began_with(owner, quote):
    page = owner.get(f"sales/quotes/{quote.pk}/edit/").content.decode()
    beginning = page.split('name="beginning" value="')[1].split('"')[0]
    Quote.objects.update(version=2, title="Changed meanwhile")

    data = typed(quote.customer, CHAIR, version=1, beginning=beginning)
    redrawn = owner.post(f"sales/quotes/{quote.pk}/edit/", data | {"lines-add": "1"}).content.decode()
    saved = owner.post(f"sales/quotes/{quote.pk}/edit/", data)

    assert '<input type="hidden" name="version" value="1"' in redrawn
    assert status(saved) == 409


def test_amounts_are_worked_out_while_one_types(owner, customer):
    broken = CHAIR | {"unit_price": "a lot"}

    response = owner.post("sales/quotes/lines/", typed(customer, CHAIR, broken, discount_bp="50"))

    page = response.content.decode()
    assert status(response) == 200
    assert 'id="lines-0-amount"' in page
    assert ">240.00</output>" in page
    assert ">–</output>" in page
    assert "$132.00" in page  # 240 less half, and a tenth on it


def test_chosen_product_fills_in_what_is_blank_or_was_the_other_products(owner, customer, in_tenant):
    chair = make_product(in_tenant, name="Chair", price=12_000)
    desk = make_product(in_tenant, name="Desk", price=50_000)
    row = {"product": desk.pk, "of": chair.pk, "name": "Chair", "unit_price": "99.00", "quantity_milli": "4"}

    page = owner.post("sales/quotes/lines/", typed(customer, row)).content.decode()

    assert 'name="lines-0-name" value="Desk"' in page
    assert 'name="lines-0-unit_price"' not in page  # 99.00 was typed, and stays
    assert f'name="lines-0-of" value="{desk.pk}"' in page
    assert "$396.00" in page


def test_product_is_found_by_typing_without_scripts(owner, customer, in_tenant):
    chair = make_product(in_tenant, name="Office chair", code="CH-1")
    make_product(in_tenant, name="Office desk")

    found = owner.post(
        "sales/quotes/new/", typed(customer, {"product-find": "ch-1"}) | {"lines-update": "1"}
    ).content.decode()
    several = owner.post(
        "sales/quotes/new/", typed(customer, {"product-find": "office"}) | {"lines-update": "1"}
    ).content.decode()

    assert f'<option value="{chair.pk}" selected>' in found
    assert names_in(found) == ["Office chair"]
    assert 'name="lines-0-product-find" value="office"' in several


def test_row_button_of_the_script_gives_the_rows_alone(owner, customer):
    response = owner.post("sales/quotes/lines/", typed(customer, CHAIR) | {"lines-add": "1"})

    page = response.content.decode()
    assert page.strip().startswith('<div id="quote-lines">')
    assert "<html" not in page
    assert 'name="lines-1-name"' in page


def test_lines_are_for_those_who_write_quotes(reader, customer):
    assert status(reader.post("sales/quotes/lines/", typed(customer, CHAIR))) == 403


# -- two people, one quote


def test_two_changes_of_the_lines_stand_side_by_side(owner, manager, quote):
    page = owner.get(f"sales/quotes/{quote.pk}/edit/").content.decode()
    beginning = page.split('name="beginning" value="')[1].split('"')[0].replace("&quot;", '"')
    (line,) = quote.lines.all()
    mine = CHAIR | {"id": line.pk, "quantity_milli": "5"}
    theirs = CHAIR | {"id": line.pk, "quantity_milli": "7"}
    manager.post(f"sales/quotes/{quote.pk}/edit/", typed(quote.customer, theirs, version=1))

    data = typed(quote.customer, mine, version=1, beginning=beginning)
    conflict = owner.post(f"sales/quotes/{quote.pk}/edit/", data)

    words = conflict.content.decode()
    assert status(conflict) == 409
    assert "5 × Office chair, $120.00" in words
    assert "7 × Office chair, $120.00" in words
    owner.post(f"sales/quotes/{quote.pk}/edit/", data | {"version": "2", "keep-lines": "theirs", "keep-title": "mine"})
    assert [line.quantity_milli for line in quote.lines.all()] == [7_000]
    owner.post(f"sales/quotes/{quote.pk}/edit/", data | {"version": "3", "keep-lines": "mine"})
    assert [line.quantity_milli for line in quote.lines.all()] == [5_000]


def test_quote_that_was_sent_meanwhile_keeps_what_was_typed(owner, quote):
    send_quote(quote=quote, tenant=quote.tenant, user=owner.user)
    version = Quote.objects.get().version

    response = owner.post(
        f"sales/quotes/{quote.pk}/edit/", typed(quote.customer, CHAIR, title="Too late", version=version)
    )

    assert status(response) == 422
    assert 'value="Too late"' in response.content.decode()
    assert Quote.objects.get().title == "New office"


def test_edit_page_of_a_sent_quote_says_why_not(owner, quote):
    send_quote(quote=quote, tenant=quote.tenant, user=owner.user)

    response = owner.get(f"sales/quotes/{quote.pk}/edit/")

    assert status(response) == 400
    assert "Begin a new version" in response.content.decode()


# -- the way of a quote


def test_quote_is_sent_accepted_and_revised_by_its_buttons(owner, quote):
    base = f"sales/quotes/{quote.pk}"

    assert status(owner.post(f"{base}/send/", {"to": "buyer@blue.example", "message": "Hello"})) == 302
    quote.refresh_from_db()
    assert quote.status == QuoteStatus.SENT
    assert status(owner.post(f"{base}/accept/", {"note": "Fine"})) == 302
    quote.refresh_from_db()
    assert (quote.status, quote.decision_note) == (QuoteStatus.ACCEPTED, "Fine")
    location = owner.post(f"{base}/revise/").headers["Location"]
    assert location == f"/t/acme/sales/quotes/{Quote.objects.get(revision=2).pk}/edit/"


def test_send_page_proposes_address_and_words_in_the_quotes_language(owner, quote, in_tenant):
    contact = make_contact(quote.customer, name="李四", email="li@blue.example")
    quote.contact, quote.language = contact, "zh-hans"
    quote.save()

    page = owner.get(f"sales/quotes/{quote.pk}/send/").content.decode()

    assert 'value="li@blue.example"' in page
    assert "李四" in page


def test_page_offers_what_can_be_done_with_a_quote_as_it_stands(owner, quote):
    def verbs() -> set[str]:
        page = owner.get(f"sales/quotes/{quote.pk}/").content.decode()
        all_verbs = ("edit", "send", "delete", "accept", "decline", "revise", "reopen", "pdf", "duplicate")
        return {verb for verb in all_verbs if f'href="/t/acme/sales/quotes/{quote.pk}/{verb}/"' in page}

    assert verbs() == {"edit", "send", "delete", "pdf", "duplicate"}
    send_quote(quote=quote, tenant=quote.tenant, user=owner.user)
    assert verbs() == {"accept", "decline", "revise", "pdf", "duplicate"}
    owner.post(f"sales/quotes/{quote.pk}/decline/", {"note": ""})
    assert verbs() == {"revise", "reopen", "pdf", "duplicate"}


def test_accepted_quote_wins_its_deal_when_that_is_ticked(owner, customer, in_tenant):
    from sales.models import Deal, Stage
    from sales.operations.pipelines import create_defaults

    create_defaults()
    stage = Stage.objects.open().first()
    deal = Deal.objects.create(
        name="New office",
        customer=customer,
        owner=owner.user,
        currency="USD",
        stage=stage,
        pipeline_id=stage.pipeline_id,
    )
    quote = make_quote(customer, owner.user, deal=deal)
    send_quote(quote=quote, tenant=in_tenant, user=owner.user)

    owner.post(f"sales/quotes/{quote.pk}/accept/", {"note": "", "win": "on"})

    deal.refresh_from_db()
    assert (deal.status, deal.amount) == ("won", 26_400)


# -- the PDF


def test_pdf_of_a_draft_says_that_it_is_one(owner, quote):
    response = owner.get(f"sales/quotes/{quote.pk}/pdf/")

    pdf = Pdf(b"".join(response.streaming_content))
    assert response["Content-Type"] == "application/pdf"
    assert "Draft" in pdf.text
    assert "Q-2026-0001" in pdf.text
    assert "$264.00" in pdf.text


def test_pdf_of_a_sent_quote_is_what_was_sent(owner, quote):
    send_quote(quote=quote, tenant=quote.tenant, user=owner.user)
    quote.customer.name = "Renamed since"
    quote.customer.save()

    response = owner.get(f"sales/quotes/{quote.pk}/pdf/")

    text = Pdf(b"".join(response.streaming_content)).text
    assert "Blue River Ltd" in text
    assert "Renamed since" not in text
    assert "Draft" not in text


def test_pdf_speaks_the_quotes_language_and_not_the_readers(owner, quote):
    quote.language, quote.currency = "zh-hans", "CNY"
    quote.save()

    text = Pdf(b"".join(owner.get(f"sales/quotes/{quote.pk}/pdf/").streaming_content)).text

    assert "报价单" in text
    assert "贰佰陆拾肆元整" in text.replace("\n", "")


def test_long_quote_repeats_its_head_and_keeps_its_sums_together(owner, customer):
    quote = make_quote(customer, owner.user, lines=[make_line(name=f"Part {n}") for n in range(60)])

    pdf = Pdf(b"".join(owner.get(f"sales/quotes/{quote.pk}/pdf/").streaming_content))

    assert pdf.page_count >= 2
    assert all("Unit price" in page for page in pdf.page_texts)
    last = pdf.page_texts[-1]
    assert "Part 59" in last
    assert "Total" in last


# -- who sees what


def test_quote_of_a_colleague_is_out_of_sight(colleague, quote):
    for path in ("", "edit/", "pdf/", "send/", "delete/"):
        assert status(colleague.get(f"sales/quotes/{quote.pk}/{path}")) == 404


def test_stranger_finds_no_quote_product_or_purchase(stranger, quote, in_tenant):
    product, purchase = make_product(in_tenant), make_transaction(quote.customer, in_tenant)

    for path in (f"quotes/{quote.pk}/", f"products/{product.pk}/", f"transactions/{purchase.pk}/"):
        assert status(stranger.client.get(f"/t/huaxing/sales/{path}")) == 404


def test_sale_to_somebody_unknown_is_seen_by_whoever_sees_all_customers(owner, admin, in_tenant):
    purchase = make_transaction(None, in_tenant)

    assert status(owner.get(f"sales/transactions/{purchase.pk}/")) == 404
    assert status(admin.get(f"sales/transactions/{purchase.pk}/")) == 200


# -- purchases


def test_purchase_is_entered_and_its_amount_worked_out(owner, customer):
    data = {"customer": customer.pk, "at": "2026-03-02T12:00", "name": "Screws", "currency": "USD"}

    owner.post("sales/transactions/new/", data | {"quantity_milli": "2.5", "unit_price": "3.99"})

    purchase = Transaction.objects.get()
    assert (purchase.amount, purchase.quantity_milli, purchase.created_by) == (998, 2_500, owner.user)


def test_purchase_without_amount_or_price_is_refused(owner, customer):
    data = {"customer": customer.pk, "at": "2026-03-02T12:00", "name": "Screws", "currency": "USD"}

    response = owner.post("sales/transactions/new/", data | {"quantity_milli": "1"})

    assert status(response) == 422
    assert "Enter the amount, or the unit price." in response.content.decode()


def test_customers_page_says_what_was_bought(owner, customer, in_tenant):
    for amount in (100_000, 200_000, 300_000):
        make_transaction(customer, in_tenant, amount=amount, at=datetime(2026, 3, 2, 12, tzinfo=UTC))

    page = owner.get(f"customers/{customer.pk}/?cards=1").content.decode()

    assert "$6,000.00" in page
    assert "$2,000.00" in page


# -- lists: as many statements for three rows as for one


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_of_the_product_list(admin, in_tenant, rows, django_assert_num_queries):
    for number in range(rows):
        make_product(in_tenant, code=f"P{number}", name=f"Chair {number}")

    with django_assert_num_queries(6):
        response = admin.get("sales/products/")

    assert response.content.decode().count("<tr>") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_of_the_quote_list(admin, customer, owner, rows, django_assert_num_queries):
    for _number in range(rows):
        make_quote(customer, owner.user)

    with django_assert_num_queries(6):
        response = admin.get("sales/quotes/")

    assert response.content.decode().count("<tr>") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_of_the_purchase_list(admin, customer, in_tenant, rows, django_assert_num_queries):
    for _number in range(rows):
        make_transaction(customer, in_tenant)

    with django_assert_num_queries(6):
        response = admin.get("sales/transactions/")

    assert response.content.decode().count("<tr>") == rows


@pytest.mark.parametrize("rows", [1, 30])
def test_statements_of_the_quote_form_do_not_grow_with_its_lines(
    owner, customer, in_tenant, rows, django_assert_num_queries
):
    product = make_product(in_tenant)
    quote = make_quote(customer, owner.user, lines=[make_line(product=product) for _n in range(rows)])

    with django_assert_num_queries(14):
        response = owner.get(f"sales/quotes/{quote.pk}/edit/")

    assert response.content.decode().count('class="gq-what') == rows + 1


# -- settings


def test_settings_of_quotes_are_made_once_and_then_changed(admin, in_tenant):
    data = {"number_pattern": "A{number}", "validity_days": "10", "tax_bp": "13"}

    admin.post("settings/quotes/", data)
    settings = QuoteSettings.objects.get()
    admin.post("settings/quotes/", data | {"validity_days": "20", "version": settings.version})

    settings.refresh_from_db()
    assert (settings.number_pattern, settings.validity_days, settings.tax_bp) == ("A{number}", 20, 1300)
    assert settings.version == 2


def test_pattern_that_could_not_count_is_refused_in_words(admin):
    response = admin.post("settings/quotes/", {"number_pattern": "Q-2026", "validity_days": "10"})

    assert status(response) == 422
    assert "needs its counter once" in response.content.decode()


def test_settings_are_not_for_representatives(owner):
    assert status(owner.get("settings/quotes/")) == 403


# -- products


def test_product_goes_off_sale_and_is_offered_no_longer(admin, in_tenant):
    product = make_product(in_tenant)

    admin.post(f"sales/products/{product.pk}/off-sale/")

    assert not Product.objects.get().is_active
    assert admin.get("lists/products/pick/?q=chair").json()["items"] == []


def test_product_in_use_says_why_it_is_kept(admin, customer, owner, in_tenant):
    product = make_product(in_tenant)
    make_quote(customer, owner.user, lines=[make_line(product=product)])

    response = admin.post(f"sales/products/{product.pk}/delete/")

    assert status(response) == 400
    assert "Take it off sale instead" in response.content.decode()


@pytest.mark.parametrize(("text", "found"), [("chair", True), ("ch-10", True), ("desk", False)])
def test_product_is_found_by_name_and_code(admin, in_tenant, text, found):
    make_product(in_tenant, name="Office chair", code="CH-100")

    assert ("Office chair" in admin.get(f"sales/products/?q={text}").content.decode()) is found


@pytest.mark.parametrize("text", ["Q-2026", "0001", "new off", "blue"])
def test_quote_is_found_by_number_subject_and_customer(owner, quote, text):
    page = owner.get(f"search/?part=rest&q={text}").content.decode()

    assert f"/sales/quotes/{quote.pk}/" in page


def test_quote_is_found_by_its_customers_new_name(owner, quote):
    quote.customer.name = "Green Valley"
    quote.customer.save()

    assert f"/sales/quotes/{quote.pk}/" in owner.get("search/?part=rest&q=green valley").content.decode()


def test_first_page_shows_what_waits_for_an_answer(owner, customer):
    day = timezone.localdate() + timedelta(days=2)
    quote = make_quote(customer, owner.user, expires_on=day, issued_on=date(2026, 1, 1))
    send_quote(quote=quote, tenant=quote.tenant, user=owner.user)

    page = owner.get("?panels=all").content.decode()

    assert "My quotes" in page
    assert quote.number in page


def test_revenue_of_the_tenant_is_shown_to_those_who_answer_for_it(manager, owner, customer, in_tenant):
    make_transaction(customer, in_tenant, amount=123_400)

    assert "$1,234.00" in manager.get("?panels=all").content.decode()
    assert "Same days last month" not in owner.get("?panels=all").content.decode()
