"""Products and purchases out of files, as people have them."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.http import QueryDict

from crm.exports.rows import export_rows
from crm.imports.faults import Fault
from crm.imports.registry import OnMatch
from crm.imports.undo import undo_import
from crm.pages.registry import list_pages
from customers.models import Customer
from sales.models import Product, RevenueDay, Transaction
from sales.querysets.purchases import Bought
from tests.crm.imports.conftest import bring_in, counts, in_english, problems  # noqa: F401  # fixtures of all imports
from tests.factories import make_customer
from tests.factories.sales_documents import make_product

pytestmark = pytest.mark.django_db

SHOP = (
    Path(settings.BASE_DIR).parent / "shared" / "data" / "online-retail" / "online_retail_2010-12-01_2011-08-31.csv.gz"
)
RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LANTERN = '536365,71053,"WHITE METAL LANTERN, LARGE",6,2010-12-01 08:26,3.39,17850,United Kingdom\n'
RETURNED = "C536379,D,Discount,-1,2010-12-01 09:41,27.5,14527,United Kingdom\n"
UNKNOWN = "536414,22139,,56,2010-12-01 11:52,0.0,,United Kingdom\n"


def revenue() -> int:
    return sum(RevenueDay.objects.values_list("amount", flat=True))


# -- purchases


def test_sales_of_the_sample_come_in_as_they_are(in_tenant, bring_in):  # noqa: F811
    for name, phone in (("张三", "13800000000"), ("李四", "13800000001"), ("王五", "13800000002")):
        make_customer(in_tenant, name=name, phone=phone)
    rows = (
        "name,date,city,amount\n张三,2021-01-01,北京市,1000\n李四,2021-01-02,上海市,2000\n王五,2021-01-03,广州市,3000\n"
    )

    run = bring_in(rows, "transactions")

    assert counts(run) == {"rows": 3, "created": 3, "updated": 0, "skipped": 0, "failed": 0}
    bought = list(Transaction.objects.order_by("at").values_list("customer__name", "city", "amount"))
    assert bought == [("张三", "北京市", 100_000), ("李四", "上海市", 200_000), ("王五", "广州市", 300_000)]
    (sums,) = Transaction.objects.bought()
    assert (sums.total, sums.average, sums.count) == (600_000, 200_000, 3)
    assert Customer.objects.filter(city="").count() == 3
    assert revenue() == 600_000


def test_invoice_lines_get_their_amount_from_quantity_and_price(in_tenant, bring_in):  # noqa: F811
    for number in ("17850", "14527"):
        make_customer(in_tenant, name=number, external_id=number)

    run = bring_in(RETAIL + LANTERN + RETURNED, "transactions")

    assert counts(run)["created"] == 2
    lines = Transaction.objects.order_by("reference").values_list(
        "reference", "customer__external_id", "name", "quantity_milli", "unit_price", "amount", "country"
    )
    assert list(lines) == [
        ("536365", "17850", "WHITE METAL LANTERN, LARGE", 6_000, 339, 2_034, "United Kingdom"),
        ("C536379", "14527", "Discount", -1_000, 2_750, -2_750, "United Kingdom"),
    ]
    assert revenue() == 2_034 - 2_750


def test_sale_to_somebody_unknown_comes_in_and_a_misspelt_customer_does_not(in_tenant, bring_in):  # noqa: F811
    make_customer(in_tenant, name="Ann", external_id="1")
    rows = "customer id,date,amount\n1,2026-03-01,10\n,2026-03-01,20\n99,2026-03-01,40\n"

    run = bring_in(rows, "transactions")

    assert sorted(Transaction.objects.values_list("customer__name", "amount"), key=str) == [
        ("Ann", 1_000),
        (None, 2_000),
    ]
    assert problems(run) == [(4, "customer_number", Fault.NOT_FOUND, "99")]
    assert revenue() == 3_000


def test_line_without_what_its_amount_follows_from_is_refused(in_tenant, bring_in):  # noqa: F811
    run = bring_in("date,quantity,unit price\n2026-03-01,2,\n2026-03-01,,5\n2026-03-01,2,5\n", "transactions")

    assert problems(run) == [(2, "amount", Fault.REQUIRED, ""), (3, "amount", Fault.REQUIRED, "")]
    assert list(Transaction.objects.values_list("amount", flat=True)) == [1_000]


def test_amount_of_the_file_comes_before_what_could_be_worked_out(in_tenant, bring_in):  # noqa: F811
    bring_in("date,quantity,unit price,amount\n2026-03-01,3,3.33,10\n", "transactions")

    assert Transaction.objects.get().amount == 1_000


def test_price_finer_than_the_currency_is_refused_and_not_rounded(in_tenant, bring_in):  # noqa: F811
    run = bring_in("date,quantity,unit price\n2026-03-01,1,0.001\n", "transactions")

    assert problems(run) == [(2, "unit_price", Fault.BAD_AMOUNT, "0.001")]


def test_line_counts_although_its_product_is_in_no_catalogue(in_tenant, bring_in):  # noqa: F811
    make_product(in_tenant, code="71053")
    rows = "date,amount,sku\n2026-03-01,10,71053\n2026-03-01,20,POST\n"

    run = bring_in(rows, "transactions")

    assert list(Transaction.objects.order_by("amount").values_list("product__code", flat=True)) == ["71053", None]
    assert problems(run) == [(3, "product_code", Fault.NOT_FOUND, "POST")]


def test_known_lines_are_brought_up_to_date(in_tenant, bring_in):  # noqa: F811
    bring_in("id,date,quantity,unit price\n7,2026-03-01,2,5\n", "transactions")

    bring_in(
        "id,date,quantity,unit price\n7,2026-03-02,3,5\n",
        "transactions",
        match_key="external_id",
        on_match=OnMatch.UPDATE,
    )

    purchase = Transaction.objects.get()
    assert (purchase.quantity_milli, purchase.amount, purchase.version) == (3_000, 1_500, 2)
    assert revenue() == 1_500


def test_undone_import_takes_its_revenue_back(in_tenant, bring_in):  # noqa: F811
    run = bring_in(RETAIL + UNKNOWN + UNKNOWN.replace("0.0", "1.0"), "transactions")
    assert revenue() == 5_600

    undo_import(run)

    assert not Transaction.objects.exists()
    assert revenue() == 0


def test_undone_change_puts_the_amount_back(in_tenant, bring_in):  # noqa: F811
    bring_in("id,date,quantity,unit price\n7,2026-03-01,2,5\n", "transactions")
    run = bring_in(
        "id,date,quantity,unit price\n7,2026-03-01,3,5\n", "transactions", match_key="external_id", on_match="update"
    )

    undo_import(run)

    purchase = Transaction.objects.get()
    assert (purchase.quantity_milli, purchase.amount) == (2_000, 1_000)


def test_purchases_of_many_chunks_add_up(in_tenant, bring_in):  # noqa: F811
    rows = "".join(f"2026-03-{day:02d},{amount}\n" for day in range(1, 29) for amount in range(1, 51))

    bring_in("date,amount\n" + rows, "transactions", chunk_rows=300)

    assert Transaction.objects.count() == 28 * 50
    assert revenue() == 28 * 100 * sum(range(1, 51))


@pytest.mark.skipif(not SHOP.is_file(), reason="../shared/data/online-retail is not on this machine")
def test_lines_of_the_reference_shop_keep_every_penny(in_tenant, bring_in):  # noqa: F811
    """The first 2,000 lines of the real file; docs/benchmarks.md has the whole one."""
    with gzip.open(SHOP, "rt") as file:
        text = "".join(next(file) for _n in range(2_001))
    rows = list(csv.DictReader(text.splitlines()))
    numbers = {row["CustomerID"] for row in rows} - {""}
    for number in numbers:
        make_customer(in_tenant, name=number, external_id=number)

    run = bring_in(text, "transactions")

    assert counts(run) == {"rows": 2_000, "created": 2_000, "updated": 0, "skipped": 0, "failed": 0}
    assert Transaction.objects.filter(customer__isnull=True).count() == sum(not row["CustomerID"] for row in rows)
    assert revenue() == 100 * sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)


# -- products


def test_products_come_in_with_their_prices_and_are_found(in_tenant, bring_in, admin):  # noqa: F811
    bring_in("编码,名称,类别,单位,单价,税率\nCH-1,办公椅,家具,把,1280.50,13%\n", "products")

    product = Product.objects.get()
    assert (product.code, product.name, product.unit, product.price, product.tax_bp, product.currency) == (
        "CH-1",
        "办公椅",
        "把",
        128_050,
        1_300,
        "USD",
    )
    assert "办公椅" in admin.get("sales/products/?q=bangong").content.decode()


def test_product_of_a_known_code_is_brought_up_to_date(in_tenant, bring_in):  # noqa: F811
    product = make_product(in_tenant, code="CH-1", name="Chair")

    bring_in("sku,product,price\nCH-1,Armchair,99\n", "products", match_key="code", on_match=OnMatch.UPDATE)

    product.refresh_from_db()
    assert (product.name, product.price, product.name_sort) == ("Armchair", 9_900, "armchair")


def test_what_was_exported_can_be_imported_again(in_tenant, bring_in, admin):  # noqa: F811
    make_product(in_tenant, code="CH-1", category="Chairs", unit="pcs", tax_bp=825, description="With armrests")
    page = list_pages["products"].for_member(admin.membership)
    columns = ["name", "code", "category", "price", "unit", "tax_bp", "is_active", "description"]
    listing = page.listing(QueryDict(), columns=columns)
    head = ",".join(str(column.label) for column in listing.table.shown)
    (row,) = export_rows(listing)
    before = Product.objects.values(*columns).get()
    Product.objects.all().delete()

    bring_in(head + "\n" + ",".join("" if cell is None else str(cell) for cell in row) + "\n", "products")

    assert Product.objects.values(*columns).get() == before


def test_average_is_rounded_half_up_and_by_line():
    assert Bought("USD", 3, 1_000, None).average == 333
    assert Bought("USD", 2, 25, None).average == 13
