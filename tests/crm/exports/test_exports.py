import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from crm import errors
from crm.audit.models import AuditEntry
from crm.exports import files, sheets, start_export
from crm.exports.files import Format, neutral
from crm.exports.operations import export_to, listing_for
from crm.exports.rows import export_rows
from crm.exports.writing import write_file
from crm.jobs import run_job, start_job
from crm.jobs.choices import JobState
from crm.pages.registry import list_pages
from crm.tenancy.context import use_tenant
from customers.operations import set_tags
from tests.factories import make_contact, make_customer, make_tag

PAYLOADS = Path(settings.BASE_DIR).parent / "shared" / "data" / "import-files" / "csv-injection" / "payloads.txt"
SAMPLE_PAYLOADS = [
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "\t=1",
    "\r=1",
    "＝1+1",  # Excel takes the full-width sign too
    "-cmd|' /C calc'!A0",
]


def payloads() -> list[str]:
    known = PAYLOADS.read_text(encoding="utf-8").splitlines() if PAYLOADS.exists() else []
    return [*SAMPLE_PAYLOADS, *known]


@pytest.mark.parametrize("payload", payloads())
def test_payload_cannot_start_a_formula(payload, tmp_path):
    write_file(tmp_path / "out.csv", Format.CSV, [payload], [[payload]])
    write_file(tmp_path / "out.xlsx", Format.XLSX, [payload], [[payload]])

    cells = [cell for row in read_csv(tmp_path / "out.csv") for cell in row]
    assert {cell.removeprefix("'") for cell in cells} == {payload}
    assert not any(cell[0] in files.FORMULA_SIGNS for cell in cells)
    # A sheet keeps it as text, which is not calculated.
    assert b"<f>" not in sheet_xml(tmp_path / "out.xlsx")


@pytest.mark.parametrize("number", ["-5", "+8613800000000", "-1,250.50", "-12.5%", "+1"])
def test_plain_number_keeps_its_sign(number):
    assert neutral(number) == number


@pytest.mark.parametrize("text", ["-1+2", "+1 and", "-", "+86-138-0000", "-5x", "=5"])
def test_what_only_looks_like_a_number_does_not(text):
    assert neutral(text) == f"'{text}"


def test_csv_opens_in_excel_and_keeps_types(tmp_path):
    path = tmp_path / "out.csv"
    row = [
        "张三",
        5,
        Decimal("12.50"),
        True,
        date(2026, 3, 31),
        datetime(2026, 3, 31, 9, 5, tzinfo=UTC),
        None,
        'a,"b\nc',
    ]

    count = write_file(path, Format.CSV, ["姓名", *"abcdefg"], [row])

    assert count == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_csv(path)[1] == ["张三", "5", "12.50", "Yes", "2026-03-31", "2026-03-31 09:05", "", 'a,"b\nc']


def test_xlsx_keeps_types(tmp_path):
    path = tmp_path / "out.xlsx"
    row = ["007", 5, Decimal("12.50"), date(2026, 3, 31), datetime(2026, 3, 31, 9, 5, tzinfo=UTC), None, 10**18]

    write_file(path, Format.XLSX, list("abcdefg"), [row])

    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert sheet[1] == ["007", 5.0, 12.5, date(2026, 3, 31), datetime(2026, 3, 31, 9, 5), "", str(10**18)]


def test_sheet_that_would_be_cut_off_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_SHEET_ROWS", 3)

    with pytest.raises(errors.TooManySheetRows):
        write_file(tmp_path / "out.xlsx", Format.XLSX, ["a"], [["1"], ["2"], ["3"]])


# -- lists


@pytest.fixture
def customers(in_tenant, owner, colleague):
    mine = make_customer(in_tenant, name="张三", phone="138", owner=owner.user, stage="active", city="北京")
    make_customer(in_tenant, name="=Evil", owner=owner.user, email="x@mail.example")
    make_customer(in_tenant, name="Theirs", owner=colleague.user)
    set_tags(customer=mine, tags=[make_tag(in_tenant, name="VIP"), make_tag(in_tenant, name="Fair")])
    return mine


def exported(member, path, query="", columns=()):
    export_to(path, listing_for(member.membership, "customers", query, columns), Format.CSV)
    return read_csv(path)


@pytest.mark.django_db
def test_export_has_the_rows_and_columns_of_the_list(customers, admin, tmp_path):
    columns = ["name", "stage", "tags", "owner", "phone", "next_contact_on"]

    rows = exported(admin, tmp_path / "out.csv", "sort=name", columns)

    assert rows[1:] == [
        ["'=Evil", "Prospect", "", "sales@acme.example", "", ""],
        ["Theirs", "Prospect", "", "sales2@acme.example", "", ""],
        ["张三", "Active customer", "Fair, VIP", "sales@acme.example", "138", ""],
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(list_pages))
def test_every_column_exports_what_the_column_itself_says(customers, kind, admin):
    """The quick way past the model must not tell another story than the column does."""
    make_contact(customers, name="Ann", phone="5")
    page = list_pages[kind].for_member(admin.membership)
    if not page.policy.allows(admin.membership, "export"):
        pytest.skip("nobody exports this kind")
    listing = listing_for(admin.membership, kind, "", list(page.table.columns))

    with transaction.atomic():
        quick = list(export_rows(listing))
        slow = [
            [column.export(row) for column in listing.table.shown]
            for row in listing.table.with_related(listing.rows).order_by(*listing.order)
        ]
    assert [[cell or None for cell in row] for row in quick] == [[cell or None for cell in row] for row in slow]


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [1, 10_000])
def test_each_row_has_its_own_tags(in_tenant, admin, tmp_path, monkeypatch, kept):
    monkeypatch.setattr("crm.exports.rows._MOST_CHOICES", kept)
    tags = {name: make_tag(in_tenant, name=name) for name in ("A", "B", "C")}
    for name, chosen in {"1": "BA", "2": "", "3": "C", "4": "AB", "5": "CBA", "6": "C"}.items():
        set_tags(customer=make_customer(in_tenant, name=name), tags=[tags[tag] for tag in chosen])

    found = exported(admin, tmp_path / "out.csv", "sort=name", ["name", "tags"])

    assert found[1:] == [["1", "A, B"], ["2", ""], ["3", "C"], ["4", "A, B"], ["5", "A, B, C"], ["6", "C"]]


@pytest.mark.django_db
def test_moments_are_told_by_the_persons_clock_though_it_changes(in_tenant, admin, tmp_path):
    moments = ["2026-03-29 00:59:59", "2026-03-29 01:00:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00"]
    for number, moment in enumerate(moments):
        make_customer(in_tenant, name=str(number), updated_at=datetime.fromisoformat(f"{moment}+00:00"))

    with timezone.override("Europe/Berlin"):
        found = exported(admin, tmp_path / "out.csv", "sort=name", ["name", "updated_at"])

    told = ["2026-03-29 01:59", "2026-03-29 03:00", "2026-10-25 02:30", "2026-10-25 02:30"]
    assert [row[1] for row in found[1:]] == told


@pytest.mark.django_db
def test_filter_of_the_list_is_followed(customers, admin, tmp_path):
    rows = exported(admin, tmp_path / "out.csv", "stage=active", ["name"])

    assert [row[0] for row in rows[1:]] == ["张三"]


@pytest.mark.django_db
def test_what_one_may_not_see_is_not_exported(customers, manager, other_tenant, tmp_path):
    with use_tenant(other_tenant):
        make_customer(other_tenant, name="华星的客户")

    rows = exported(manager, tmp_path / "out.csv", "", ["name"])

    # The manager leads the north; "Theirs" belongs to the south.
    assert sorted(row[0] for row in rows[1:]) == ["'=Evil", "张三"]


@pytest.mark.django_db
def test_person_without_the_right_exports_nothing(customers, owner):
    with pytest.raises(errors.ExportNotAllowed):
        listing_for(owner.membership, "customers")


@pytest.mark.django_db
def test_misspelt_filter_is_refused_and_does_not_export_everything(customers, admin):
    with pytest.raises(errors.UnknownParameter):
        listing_for(admin.membership, "customers", "stagee=active")


@pytest.mark.django_db
def test_job_attaches_the_file_in_the_persons_zone_and_notes_it(customers, admin, tenant):
    admin.user.time_zone = "Asia/Shanghai"
    admin.user.save()
    customers.updated_at = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)
    customers.save()

    job = start_export(
        kind="customers", query="q=张三", columns=["name", "updated_at"], format="csv", tenant=tenant, user=admin.user
    )
    job = run_job(job)

    assert (job.state, job.error) == (JobState.SUCCEEDED, "")
    with job.result.open() as stream:
        rows = list(csv.reader(io.StringIO(stream.read().decode("utf-8-sig"))))
    assert rows[1:] == [["张三", "2026-01-02 04:00"]]
    assert job.result.name == f"Customers-{timezone.localdate(timezone=ZoneInfo('Asia/Shanghai')):%Y-%m-%d}.csv"
    assert AuditEntry.objects.filter(action="export").count() == 1


@pytest.mark.django_db
def test_unknown_kind_and_format_are_refused_at_once(tenant, admin, in_tenant):
    ask = {"query": "", "columns": [], "tenant": tenant, "user": admin.user}

    with pytest.raises(errors.UnknownKind):
        start_export(kind="shoes", format="csv", **ask)
    with pytest.raises(errors.UnknownFormat):
        start_export(kind="customers", format="pdf", **ask)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_statements_does_not_grow_with_the_rows(
    in_tenant, owner, admin, rows, tmp_path, django_assert_num_queries
):
    for number in range(rows):
        customer = make_customer(in_tenant, name=f"N{number}", owner=owner.user)
        set_tags(customer=customer, tags=[make_tag(in_tenant, name=f"T{number}")])
    listing = listing_for(admin.membership, "customers")

    # Count, rows, links to tags, tags, owners, the line in the audit trail, and the savepoint around them.
    with django_assert_num_queries(8):
        export_to(tmp_path / "out.csv", listing, Format.CSV)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def sheet_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.django_db
def test_page_lists_the_exports_of_a_person_with_their_files(customers, admin, manager, tenant):
    for member, kind in ((admin, "customers"), (manager, "contacts")):
        ask = {"query": "", "columns": [], "format": "csv", "tenant": tenant, "user": member.user}
        run_job(start_export(kind=kind, **ask))
    start_job("imports.run", tenant=tenant, user=manager.user, params={"import_id": 0})

    mine = manager.get("exports/").content.decode()
    everything = admin.get("exports/").content.decode()

    assert "Contacts-" in mine
    assert "Customers-" not in mine
    assert all(name in everything for name in ("Contacts-", "Customers-"))
    assert len(admin.get("exports/").context["rows"].rows) == 2


@pytest.mark.django_db
def test_empty_page_says_how_to_export(in_tenant, admin):
    assert "No exports yet" in admin.get("exports/").content.decode()
