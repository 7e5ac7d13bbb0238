import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.imports.models import Import
from crm.tenancy.context import use_tenant
from customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("name,phone,address\n张三,13800000000,北京市\n李四,13800000001,上海市\n王五,no number,广州市\n")
    return path


def import_data(capsys, *args) -> dict:
    call_command("import_data", *map(str, args))
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_last_line_is_one_json_object(tenant, file, capsys):
    result = import_data(capsys, "--tenant=acme", "--kind=customers", file)

    assert list(result) == [
        "rows",
        "created",
        "updated",
        "skipped",
        "failed",
        "seconds",
        "rows_per_second",
        "errors_file",
    ]
    assert {name: result[name] for name in ("rows", "created", "updated", "skipped", "failed")} == {
        "rows": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "failed": 1,
    }
    with use_tenant(tenant):
        assert list(Customer.objects.order_by("id").values_list("name", "owner")) == [("张三", None), ("李四", None)]


def test_rows_with_errors_are_kept_beside_the_file_and_come_in_when_corrected(tenant, file, capsys):
    errors = import_data(capsys, "--tenant=acme", "--kind=customers", file)["errors_file"]

    assert errors == str(file.with_name("customers.errors.csv"))
    text = Path(errors).read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "phone", "address", "Line", "What is wrong"],
        ["王五", "no number", "广州市", "4", "Phone: This is not a telephone number of up to 20 digits."],
    ]
    corrected = file.with_name("again.csv")
    corrected.write_text(text.replace("no number", "13800000002"))
    assert import_data(capsys, "--tenant=acme", "--kind=customers", corrected)["created"] == 1


def test_dry_run_says_the_same_and_leaves_nothing(tenant, file, capsys):
    result = import_data(capsys, "--tenant=acme", "--kind=customers", "--dry-run", file)

    assert (result["created"], result["failed"]) == (2, 1)
    with use_tenant(tenant):
        assert not Customer.objects.exists()
        assert not Import.objects.exists()


def test_columns_are_mapped_as_told(tenant, file, capsys):
    import_data(capsys, "--tenant=acme", "--kind=customers", "--map", "address=city", "--map", "2=external_id", file)

    with use_tenant(tenant):
        assert list(Customer.objects.order_by("id").values_list("name", "phone", "external_id", "city", "address")) == [
            ("张三", "", "13800000000", "北京市", ""),
            ("李四", "", "13800000001", "上海市", ""),
            ("王五", "", "no number", "广州市", ""),
        ]


def test_column_may_be_left_out(tenant, file, capsys):
    result = import_data(capsys, "--tenant=acme", "--kind=customers", "--map", "phone=", file)

    assert (result["created"], result["failed"]) == (3, 0)


def test_file_without_heading(tenant, tmp_path, capsys):
    path = tmp_path / "names.txt"
    path.write_text("沐古堂\n淮丰\n")

    result = import_data(capsys, "--tenant=acme", "--kind=customers", "--header-row=0", "--map=1=name", path)

    assert result["created"] == 2


def test_member_gives_rights_and_becomes_owner(tenant, admin, owner, file, capsys):
    import_data(capsys, "--tenant=acme", "--kind=customers", "--as=ADMIN@acme.example", file)

    with use_tenant(tenant):
        assert set(Customer.objects.values_list("owner", "created_by")) == {(admin.user.pk, admin.user.pk)}
    with pytest.raises(CommandError, match="You may not import"):
        import_data(capsys, "--tenant=acme", "--kind=customers", "--as=sales@acme.example", file)


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_known_customers_are_matched(tenant, file, capsys, options):
    with use_tenant(tenant):
        make_customer(tenant, name="Old", phone="13800000000")

    result = import_data(capsys, "--tenant=acme", "--kind=customers", "--match=phone", *options, file)

    assert (result["created"], result["updated"]) == (1, 1)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--tenant=nobody", "--kind=customers"], "There is no tenant"),
        (["--tenant=acme", "--kind=shoes"], "There are no records called"),
        (["--tenant=acme", "--kind=customers", "--as=nobody@acme.example"], "is not an active member"),
        (["--tenant=acme", "--kind=customers", "--map=shoe=name"], "has no column"),
        (["--tenant=acme", "--kind=customers", "--map=name=shoe"], "There is no field"),
        (["--tenant=acme", "--kind=customers", "--match=shoe"], "are not told by"),
        (["--tenant=acme", "--kind=customers", "--match=email"], "no column fills it"),
        (["--tenant=acme", "--kind=contacts"], "No column is chosen for"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_what_cannot_be_is_said_in_words(tenant, file, capsys, args, words, more):
    with pytest.raises(CommandError, match=words):
        import_data(capsys, *args, *more, file)

    with use_tenant(tenant):
        assert not Import.objects.exclude(job=None).exists()
        assert not tenant.files.exists()


def test_other_tenant_of_the_same_server_is_left_alone(tenant, other_tenant, file, capsys):
    import_data(capsys, "--tenant=huaxing", "--kind=customers", file)

    with use_tenant(tenant):
        assert not Customer.objects.exists()


# -- export


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_export_comes_back_as_it_was(tenant, tmp_path, capsys, ending):
    with use_tenant(tenant):
        make_customer(tenant, name="=张三", name_sort="zhang san", phone="00138", next_contact_on=date(2026, 3, 31))
    out = tmp_path / f"out.{ending}"

    call_command("export_data", "--tenant=acme", "--kind=customers", f"--out={out}")
    with use_tenant(tenant):
        Customer.objects.all().delete()
    result = import_data(capsys, "--tenant=acme", "--kind=customers", out)

    assert (result["created"], result["failed"]) == (1, 0)
    with use_tenant(tenant):
        assert Customer.objects.values_list("name", "phone", "next_contact_on", "stage").get() == (
            "=张三",
            "00138",
            date(2026, 3, 31),
            "prospect",
        )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--kind=customers", "--out=x.pdf"], "ending must be"),
        (["--kind=shoes", "--out=x.csv"], "There are no records called"),
        (["--kind=customers", "--out=x.csv", "--as=sales@acme.example"], "You may not export"),
        (["--kind=customers", "--out=x.csv", "--query=shoe=9"], "shoe"),
        (["--kind=customers", "--out=/nowhere/x.csv"], "nowhere"),
    ],
)
def test_export_that_cannot_be_is_said_in_words(tenant, owner, args, words):
    with pytest.raises(CommandError, match=words):
        call_command("export_data", "--tenant=acme", *args)
