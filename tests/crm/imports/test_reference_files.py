"""Every file of the public import fixtures gives its rows or its named error, never anything else."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from crm.errors import ImportFileError
from crm.imports.faults import Fault
from crm.imports.mapping import suggest
from crm.imports.models import Import
from crm.imports.pipeline import run_import
from crm.imports.reader import ReadOptions, open_source
from crm.tenancy.context import use_tenant
from customers.models import Customer

from .reference_outcomes import LONG_ROWS, READABLE, REFUSED

FILES = Path(settings.BASE_DIR).parent / "shared" / "data" / "import-files"

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="../shared/data/import-files is not on this machine")


def test_every_file_of_the_index_has_an_outcome():
    with (FILES / "index.csv").open(encoding="utf-8") as index:
        listed = {row["file"] for row in csv.DictReader(index)}
    with (FILES / "constructed-zh" / "index.csv").open(encoding="utf-8") as index:
        listed |= {f"constructed-zh/{row['file']}" for row in csv.DictReader(index)}

    assert listed == READABLE.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READABLE)
def test_file_gives_its_rows(name):
    source = open_source(FILES / name)

    assert (source.count_rows(), len(source.columns)) == READABLE[name]


@pytest.mark.parametrize("name", READABLE)
def test_rows_are_filled_up_and_only_rows_that_are_too_long_stand_out(name):
    source = open_source(FILES / name)

    odd = [line for line, cells in source.rows() if len(cells) != len(source.columns)]

    assert odd == LONG_ROWS.get(name, [])


@pytest.mark.parametrize("name", REFUSED)
def test_file_is_refused_with_its_own_error(name):
    with pytest.raises(ImportFileError) as refusal:
        open_source(FILES / name).count_rows()

    assert type(refusal.value) is REFUSED[name]
    assert "{" not in str(refusal.value)


@pytest.mark.parametrize("path", sorted((FILES / "csv-spectrum").glob("*.csv")), ids=lambda path: path.stem)
def test_csv_spectrum_is_read_exactly(path):
    expected = json.loads(path.with_suffix("").with_suffix(".expected.json").read_text(encoding="utf-8"))
    expected = expected if isinstance(expected, list) else [expected]
    source = open_source(path)

    rows = [dict(zip(source.columns, cells, strict=True)) for _line, cells in source.rows()]

    if path.stem == "location_coordinates":
        # The published answer was given another telephone number than the file; all else must be equal.
        assert rows[0].pop("Contact Phone Number") == "2095257564"
        expected[0].pop("Contact Phone Number")
    assert rows == expected


# What a person chooses after the error, and what is then read.
CHOSEN = [
    ("frictionless-py/table-infer-iso-8859-7.csv", {"encoding": "iso-8859-7"}, 4, ["1", "39", "Λεωνιδας"]),
    ("messytables/spanish_chars.csv", {"encoding": "latin-1"}, 115, None),
    ("messytables/null.csv", {"header_row": 0}, 10, ["1", "null", "0", "0"]),
    ("messytables/begrotingsanalyse-2011.csv", {"header_row": 6}, 37, None),
    ("csvkit/no_header_row2.csv", {"header_row": 0}, 1, ["4", "5", "6"]),
    ("frictionless-py/chunk2.headless.csv", {"header_row": 0}, 1, ["2", "中国人"]),
    ("frictionless-py/without-headers.csv", {"header_row": 0}, 3, ["1", "english"]),
    ("messytables/large.xlsx", {"sheet": "criteria"}, 7, None),
]


@pytest.mark.parametrize(("name", "options", "rows", "first"), CHOSEN, ids=[name for name, *_rest in CHOSEN])
def test_what_the_person_chooses_is_followed(name, options, rows, first):
    source = open_source(FILES / name, ReadOptions(**options))

    assert source.count_rows() == rows
    if first:
        assert source.preview(1)[0].cells == first


def test_stacked_headings_are_joined():
    source = open_source(FILES / "frictionless-py" / "multiline-headers.xlsx", ReadOptions(header_row=1, header_rows=2))

    assert source.columns == [
        "Region",
        "Caloric contribution",
        "Cumulative impact of changes on cost of food basket from previous quarter",
        "from baseline (%)",
    ]


@pytest.mark.parametrize("name", ["zh_gb18030.csv", "zh_utf8_bom.csv", "zh_utf16le_tab.txt"])
def test_chinese_is_read_the_same_from_three_encodings(name):
    rows = open_source(FILES / "constructed-zh" / name).preview(3)

    assert [(row.number, row.cells) for row in rows] == [
        (2, ["00001", "沐古堂", "正常", "0,000.50"]),
        (3, ["00002", "淮丰", "含逗号，全角,半角", "1.25"]),
        (4, ["00003", "五丰粮油", '引号"测试"', "2.50"]),
    ]


# -- into the tables


@pytest.fixture
def bring_in_file(in_tenant, admin):
    def bring_in_file(path: Path, kind: str = "customers", columns: dict[str, int] | None = None, **reading) -> Import:
        source = open_source(path, ReadOptions(**reading))
        run = Import.objects.create(
            kind=kind, file_name=path.name, columns=source.columns, reading=source.options.as_json()
        )
        run.mapping = suggest(run.declaration.fields, source.columns) if columns is None else columns
        run.save()
        run_import(run, membership=admin.membership, path=path)
        return Import.objects.get(pk=run.pk)

    return bring_in_file


@pytest.mark.django_db
@pytest.mark.parametrize("name", READABLE)
def test_the_command_takes_every_row_or_names_it_with_its_line_and_reason(name, tenant, tmp_path, capsys):
    file = tmp_path / Path(name).name
    file.write_bytes((FILES / name).read_bytes())

    call_command("import_data", "--tenant=acme", "--kind=customers", "--map=1=name", str(file))
    result = json.loads(capsys.readouterr().out.splitlines()[-1])

    assert result["rows"] == READABLE[name][0]
    assert result["created"] + result["failed"] == result["rows"]
    with use_tenant(tenant):
        run = Import.objects.get()
        assert Customer.objects.count() == result["created"]
        assert run.row_errors.values("row_no").distinct().count() == result["failed"]
        long = list(run.row_errors.filter(code=Fault.TOO_MANY_CELLS).values_list("row_no", flat=True))
    assert long == LONG_ROWS.get(name, [])
    if result["failed"]:
        with Path(result["errors_file"]).open(encoding="utf-8-sig", newline="") as kept:
            assert len(list(csv.reader(kept))) == 1 + result["failed"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_the_command_refuses_a_file_in_words(name, tenant, tmp_path):
    file = tmp_path / Path(name).name
    file.write_bytes((FILES / name).read_bytes())

    with pytest.raises(CommandError) as refusal:
        call_command("import_data", "--tenant=acme", "--kind=customers", "--map=1=name", str(file))

    assert type(refusal.value.__cause__) is REFUSED[name]
    with use_tenant(tenant):
        assert not Customer.objects.exists()


def upload(admin, name: str):
    file = SimpleUploadedFile(Path(name).name, (FILES / name).read_bytes())
    return admin.post("imports/new/", {"kind": "customers", "file": file})


@pytest.mark.django_db
@pytest.mark.parametrize("name", READABLE)
def test_the_page_shows_the_first_rows_of_every_file(name, in_tenant, admin):
    response = upload(admin, name)
    draft = Import.objects.get()
    page = admin.get(f"imports/{draft.pk}/columns/")

    assert response.headers["Location"] == f"/t/acme/imports/{draft.pk}/columns/"
    assert page.status_code == 200
    assert len(page.context["rows"]) == min(20, READABLE[name][0])
    assert len(draft.columns) == READABLE[name][1]


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_the_page_refuses_a_file_in_the_words_of_its_error(name, in_tenant, admin):
    response = upload(admin, name)

    assert response.status_code == 422
    with pytest.raises(REFUSED[name]) as refusal:
        open_source(FILES / name).count_rows()
    assert response.context["form"].errors == {"file": [str(refusal.value)]}
    assert not Import.objects.exists()


@pytest.mark.django_db
def test_formula_payloads_are_stored_as_text(bring_in_file, tmp_path):
    payloads = (FILES / "csv-injection" / "payloads.txt").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "payloads.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([["name"], *([payload] for payload in payloads)])

    # A file of one column, whose text would otherwise be taken apart at its vertical lines.
    bring_in_file(path, delimiter=",")

    assert list(Customer.objects.order_by("id").values_list("name", flat=True)) == payloads


@pytest.mark.django_db
def test_leading_zeros_and_long_numbers_stay_text(bring_in_file):
    bring_in_file(FILES / "frictionless-py" / "leading-zeros.csv", columns={"name": 0})

    assert list(Customer.objects.order_by("id").values_list("name", flat=True)) == ["01", "002", "00003"]


# -- the other data sets of issue 2


@pytest.mark.django_db
def test_seed_customers_come_in_as_they_are(bring_in_file):
    bring_in_file(FILES.parent / "seed-examples" / "customers.csv")

    assert list(Customer.objects.order_by("id").values_list("name", "phone", "address")) == [
        ("张三", "13800000000", "北京市"),
        ("李四", "13800000001", "上海市"),
        ("王五", "13800000002", "广州市"),
    ]


@pytest.mark.django_db
def test_sixteen_thousand_company_names_come_in(bring_in_file, tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(
        gzip.decompress((FILES.parent / "chinese-company-names" / "company_short_names.txt.gz").read_bytes())
    )
    names = [name.strip() for name in path.read_text(encoding="utf-8").splitlines() if name.strip()]

    run = bring_in_file(path, columns={"name": 0}, header_row=0, delimiter=",")

    assert (run.row_count, run.created_count) == (len(names), len(names))
    assert sorted(Customer.objects.values_list("name", flat=True)) == sorted(names)
    assert not Customer.objects.filter(name_sort="").exists()


@pytest.mark.django_db
def test_customers_of_the_shop_come_in_once_each(bring_in_file, tmp_path):
    source = FILES.parent / "online-retail" / "online_retail_2010-12-01_2011-08-31.csv.gz"
    path = tmp_path / "customers.csv"
    with gzip.open(source, "rt", encoding="utf-8", newline="") as lines, path.open("w", newline="") as out:
        rows = csv.DictReader(lines)
        writer = csv.writer(out)
        writer.writerow(["name", "customer id", "address"])
        customer = next(name for name in rows.fieldnames if name.lower().replace("_", "") == "customerid")
        country = next((name for name in rows.fieldnames if name.lower() == "country"), customer)
        known = {}
        for row in rows:
            known.setdefault(row[customer], row[country])
        writer.writerows([f"Customer {number}", number, place] for number, place in known.items() if number)

    run = bring_in_file(path)

    assert run.failed_count == 0
    assert run.created_count == len([number for number in known if number]) == Customer.objects.count()
