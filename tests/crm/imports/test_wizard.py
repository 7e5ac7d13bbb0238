import re
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.access.roles import Role
from crm.imports.models import Import
from crm.jobs import run_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.jobs.operations import cancel_job
from crm.tenancy.context import use_tenant
from customers.models import Customer
from tests.conftest import sign_in
from tests.factories import make_activity, make_customer, make_member

pytestmark = pytest.mark.django_db

TEXT = "姓名,手机,备注\n张三,13800000000,\n李四,call me,好\n"


@pytest.fixture
def upload(in_tenant):
    def upload(member, text: str | bytes = TEXT, name="客户.csv", kind="customers"):
        data = text if isinstance(text, bytes) else text.encode()
        return member.post("imports/new/", {"kind": kind, "file": SimpleUploadedFile(name, data)})

    return upload


@pytest.fixture
def draft(upload, admin) -> Import:
    upload(admin)
    return Import.objects.get()


def run(job_kind="imports.run") -> Job:
    return run_job(Job.objects.filter(kind=job_kind).latest("pk"))


def test_whole_way_from_file_to_customers_and_back(upload, admin, in_tenant):
    response = upload(admin)
    draft = Import.objects.get()
    assert response.headers["Location"] == f"/t/acme/imports/{draft.pk}/columns/"
    page = admin.get(f"imports/{draft.pk}/columns/")
    assert page.status_code == 200
    assert "This is not a telephone number" in page.content.decode()

    columns = {"column_0": "name", "column_1": "phone", "column_2": "note", "next": "1"}
    assert admin.post(f"imports/{draft.pk}/columns/", columns).headers["Location"].endswith("/options/")
    options = {"match_key": "phone", "on_match": "update", "month_first": "", "own": "1"}
    assert admin.post(f"imports/{draft.pk}/options/", options).headers["Location"].endswith("/confirm/")
    assert "Phone" in admin.get(f"imports/{draft.pk}/confirm/").content.decode()
    assert admin.post(f"imports/{draft.pk}/confirm/").headers["Location"] == f"/t/acme/imports/{draft.pk}/"
    assert "hx-trigger" in admin.get(f"imports/{draft.pk}/").content.decode()
    assert run().state == JobState.SUCCEEDED

    result = admin.get(f"imports/{draft.pk}/").content.decode()
    assert "call me" in result
    assert "Undo this import" in result
    assert list(Customer.objects.values_list("name", "owner")) == [("张三", admin.user.pk)]
    file = admin.get(f"jobs/{Import.objects.get().job_id}/result/")
    assert b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[1].startswith("李四,call me,好,3,")

    assert admin.get(f"imports/{draft.pk}/undo/").status_code == 200
    admin.post(f"imports/{draft.pk}/undo/")
    assert run("imports.undo").state == JobState.SUCCEEDED
    assert not Customer.objects.exists()
    assert "1 removed" in admin.get(f"imports/{draft.pk}/").content.decode()


def test_going_back_keeps_what_was_chosen(draft, admin):
    admin.post(f"imports/{draft.pk}/columns/", {"column_0": "name", "column_2": "address", "next": "1"})
    admin.post(f"imports/{draft.pk}/options/", {"match_key": "", "on_match": "skip", "month_first": "1", "own": ""})

    columns = admin.get(f"imports/{draft.pk}/columns/").context["form"]
    options = admin.get(f"imports/{draft.pk}/options/").context["form"]

    assert [columns[name].value() for name in columns.fields] == ["name", None, "address"]
    assert [options[name].value() for name in options.fields] == ["", "skip", "1", ""]


def test_column_chosen_twice_is_refused_and_the_choice_stays(draft, admin):
    response = admin.post(f"imports/{draft.pk}/columns/", {"column_0": "name", "column_1": "name", "next": "1"})

    assert response.status_code == 422
    assert "is filled by “姓名” already" in response.content.decode()
    assert response.context["form"]["column_1"].value() == "name"


def test_import_without_a_required_field_cannot_start_and_says_why(draft, admin):
    admin.post(f"imports/{draft.pk}/columns/", {"column_1": "phone", "next": "1"})

    page = admin.get(f"imports/{draft.pk}/confirm/")
    response = admin.post(f"imports/{draft.pk}/confirm/")

    assert "No column is chosen for “Name”" in page.content.decode()
    assert response.status_code == 400
    assert not Job.objects.exists()


def test_file_in_another_encoding_is_read_again_and_keeps_the_mapping(upload, admin, in_tenant):
    upload(admin, "Name;Città\nJosé;Forlì\n".encode("latin-1"))
    assert not Import.objects.exists()

    upload(admin, "Name;Citta;x\nJose;Forli;1\n")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/columns/", {"column_0": "name", "column_2": "note"})
    response = admin.post(f"imports/{draft.pk}/reading/", {"delimiter": ";", "header_row": "1", "header_rows": "1"})

    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.mapping == {"name": 0, "note": 2}
    assert draft.reading["delimiter"] == ";"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 \x00\x01\x02", "not a table"),
        (b"name,name\n1,2\n", "occurs twice"),
        ("Città\nForlì, è\n".encode("latin-1"), "Choose the encoding"),
        (b"name,phone\n", "no rows below it"),
        (b'name\n"Blue River\nRed Hill\n', "opens in line 2 is never closed"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_words(upload, admin, in_tenant, data, words):
    response = upload(admin, data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Import.objects.exists()
    assert not in_tenant.files.exists()


def test_file_past_the_limit_is_refused_and_not_cut_off(upload, admin, in_tenant, settings):
    settings.UPLOAD_MAX_BYTES = 100_000

    response = upload(admin, "name\n" + "Blue River\n" * 100_000)

    assert response.status_code == 422
    assert "This file is too large. At most 97.7" in response.content.decode()
    assert not Import.objects.exists()


def test_steps_of_the_wizard_do_not_open_the_file_again(draft, admin, monkeypatch):
    """A workbook of a hundred thousand rows takes seconds to open."""

    def opened(*args):
        raise AssertionError("the file was opened")

    for module in ("operations", "pipeline"):
        monkeypatch.setattr(f"crm.imports.{module}.open_source", opened)

    page = admin.get(f"imports/{draft.pk}/columns/")
    assert [cell[1] for cell in page.context["rows"][1]["cells"]] == ["李四", "call me", "好"]
    admin.post(f"imports/{draft.pk}/columns/", {"column_0": "name", "next": "1"})
    for step in ("options", "confirm"):
        assert admin.get(f"imports/{draft.pk}/{step}/").status_code == 200
    assert admin.post(f"imports/{draft.pk}/confirm/").status_code == 302


def test_first_rows_are_kept_as_long_as_the_draft_and_not_in_the_trail(draft, admin, in_tenant):
    assert "李四" in str(draft.sample)

    admin.post(f"imports/{draft.pk}/confirm/")

    assert Import.objects.get().sample == {}
    assert "李四" not in str(list(in_tenant.audit_entries.values_list("changes", flat=True)))


def test_wide_and_long_rows_are_shown_by_their_beginning(upload, admin, in_tenant):
    wide = "name," + ",".join(f"c{number}" for number in range(9_000)) + "\n"
    upload(admin, wide + ("Blue," + ",".join(["twelve chars"] * 9_000) + "\n") * 20, name="wide.csv")
    upload(admin, "name,note\n" + f"Red,{'x' * 100_000}\n" * 3, name="long.csv")

    wide, long = (Import.objects.get(file_name=name).sample["rows"] for name in ("wide.csv", "long.csv"))

    assert [len(cells) for _line, cells in wide] == [9_001, 9_001]
    assert [[len(cell) for cell in cells] for _line, cells in long] == [[3, 500]] * 3


def test_file_that_is_gone_is_said_in_words(draft, admin):
    draft.file.local_path.unlink()

    response = admin.post(f"imports/{draft.pk}/confirm/")

    assert response.status_code == 400
    assert not Job.objects.exists()


def test_right_to_import_is_asked_everywhere(draft, owner, reader, admin, upload):
    for member in (owner, reader):
        assert upload(member).status_code == 403
        for page in ("", "columns/", "options/", "confirm/", "undo/", "delete/"):
            assert member.get(f"imports/{draft.pk}/{page}").status_code in (403, 404)
    assert upload(admin, kind="shoes").status_code == 422


def test_import_of_another_person_is_out_of_sight_but_not_for_administrators(upload, manager, admin, in_tenant):
    upload(manager)
    theirs = Import.objects.get()
    upload(admin)
    mine = Import.objects.exclude(pk=theirs.pk).get()

    assert admin.get(f"imports/{theirs.pk}/columns/").status_code == 200
    assert manager.get(f"imports/{mine.pk}/columns/").status_code == 404


def test_other_tenant_finds_nothing(draft, stranger):
    for page in ("", "columns/", "options/", "confirm/", "undo/", "delete/"):
        assert stranger.get(f"imports/{draft.pk}/{page}").status_code == 404
    assert stranger.post(f"imports/{draft.pk}/reading/", {"header_rows": 1}).status_code == 404


def test_wizard_is_closed_once_the_import_has_begun(draft, admin):
    admin.post(f"imports/{draft.pk}/confirm/")

    for page in ("columns/", "options/", "confirm/"):
        assert admin.get(f"imports/{draft.pk}/{page}").headers["Location"] == f"/t/acme/imports/{draft.pk}/"
    assert admin.post(f"imports/{draft.pk}/confirm/").status_code == 302
    assert Job.objects.count() == 1


def test_draft_is_discarded_with_its_file(draft, admin, in_tenant):
    response = admin.post(f"imports/{draft.pk}/delete/")

    assert response.headers["Location"] == "/t/acme/imports/"
    assert not Import.objects.exists()
    assert not in_tenant.files.exists()


def test_what_undoing_left_is_listed(upload, admin, in_tenant):
    upload(admin, "name\nkept\ngone\n")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/confirm/")
    run()
    make_activity(Customer.objects.get(name="kept"))

    admin.post(f"imports/{draft.pk}/undo/")
    run("imports.undo")

    page = admin.get(f"imports/{draft.pk}/").content.decode()
    assert "Other records belong to it now." in page
    assert f"/t/acme/customers/{Customer.objects.get().pk}/" in page
    assert admin.post(f"imports/{draft.pk}/undo/").status_code == 422


def test_undoing_that_was_stopped_is_said_and_goes_on(upload, admin, in_tenant):
    upload(admin, "name\none\ntwo\n")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/confirm/")
    run()
    admin.post(f"imports/{draft.pk}/undo/")
    job = cancel_job(job=Job.objects.get(kind="imports.undo"))

    page = admin.get(f"imports/{draft.pk}/").content.decode()
    assert "Undoing was stopped" in page
    assert f"/t/acme/jobs/{job.pk}/" in page

    admin.post(f"jobs/{job.pk}/retry/")
    assert run("imports.undo").state == JobState.SUCCEEDED
    assert "Undoing was stopped" not in admin.get(f"imports/{draft.pk}/").content.decode()
    assert not Customer.objects.exists()


def test_import_that_was_taken_back_does_not_go_on(upload, admin, in_tenant):
    upload(admin, "name\none\ntwo\n")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/confirm/")
    job = Job.objects.get()
    Import.objects.update(row_count=1, created_count=1, last_row=2)
    cancel_job(job=job)
    admin.post(f"imports/{draft.pk}/undo/")
    run("imports.undo")

    admin.post(f"jobs/{job.pk}/retry/")

    assert run().error == "This import was taken back, so it does not go on. Import the file again."
    assert not Customer.objects.exists()


def test_import_whose_job_is_forgotten_is_no_draft(upload, admin, in_tenant):
    upload(admin, "name\none\n")
    begun = Import.objects.get()
    Import.objects.update(row_count=1, created_count=1, last_row=2, job=None)

    begun.refresh_from_db()
    assert not begun.is_draft
    assert begun.can_undo


def test_errors_are_shown_page_by_page(upload, admin, in_tenant):
    rows = "".join(f"N{number},x\n" for number in range(230))
    upload(admin, f"name,phone\n{rows}")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/confirm/")
    run()

    first = admin.get(f"imports/{draft.pk}/").context
    second = admin.get(f"imports/{draft.pk}/?after={first['next_errors']}").context
    third = admin.get(f"imports/{draft.pk}/?after={second['next_errors']}").context

    seen = [error.row_no for page in (first, second, third) for error in page["errors"]]
    assert seen == list(range(2, 232))
    assert third["next_errors"] == ""
    for nowhere in ("²", "9" * 30):
        assert admin.get(f"imports/{draft.pk}/", data={"after": nowhere}).context["errors"] == first["errors"]


def test_person_who_may_only_add_is_not_offered_to_change(upload, tenant, in_tenant):
    marketer = sign_in(make_member(tenant, "marketer@acme.example", Role.MARKETER))
    upload(marketer)
    draft = Import.objects.get()

    form = marketer.get(f"imports/{draft.pk}/options/").context["form"]
    columns = marketer.get(f"imports/{draft.pk}/columns/").context["form"]

    assert [value for value, _label in form.fields["on_match"].choices] == ["skip", "create"]
    # Handing customers over is not theirs either.
    assert "owner" not in dict(columns.fields["column_0"].choices)


def test_list_says_how_imports_stand(draft, admin, upload):
    admin.post(f"imports/{draft.pk}/confirm/")
    run()
    upload(admin, name="second.csv")

    page = admin.get("imports/").content.decode()

    assert all(words in page for words in ("客户.csv", "second.csv", "Draft", "Done"))
    assert "/t/acme/imports/new/?kind=customers" in admin.get("customers/").content.decode()


def test_job_of_a_person_who_lost_the_right_fails_in_words(draft, admin, in_tenant):
    admin.post(f"imports/{draft.pk}/confirm/")
    admin.membership.roles = ["reader"]
    admin.membership.save()

    job = run()

    assert (job.state, job.error) == (
        JobState.FAILED,
        "You may not import records of this kind. Ask an administrator of your team.",
    )
    assert not Customer.objects.exists()


def test_workbook_offers_its_sheets(upload, admin, in_tenant):
    data = BytesIO()
    book = xlsxwriter.Workbook(data)
    for name, row in (("One", ["a", "b"]), ("客户", ["姓名", "电话"])):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, row)
        sheet.write_row(1, 0, ["张三", "1"])
    book.close()
    upload(admin, data.getvalue(), "book.xlsx")
    draft = Import.objects.get()

    form = admin.get(f"imports/{draft.pk}/columns/").context["reading_form"]
    admin.post(f"imports/{draft.pk}/reading/", {"sheet": "客户", "header_rows": "1"})
    draft.refresh_from_db()

    assert [value for value, _label in form.fields["sheet"].choices] == ["One", "客户"]
    assert draft.mapping == {"name": 0, "phone": 1}


def test_statements_of_the_columns_page(draft, admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        admin.get(f"imports/{draft.pk}/columns/")


def test_known_customer_of_another_tenant_is_not_seen_by_the_preview(draft, admin, other_tenant):
    with use_tenant(other_tenant):
        make_customer(other_tenant, name="张三", phone="13800000000")

    assert admin.get(f"imports/{draft.pk}/columns/").status_code == 200


def test_a_draft_is_not_taken_for_an_import_that_was_undone(upload, admin):
    upload(admin, "name\none\n")
    undone = Import.objects.get()
    admin.post(f"imports/{undone.pk}/confirm/")
    run()
    admin.post(f"imports/{undone.pk}/undo/")
    run("imports.undo")
    upload(admin, "name\ntwo\n")
    # Twice, because a badge is kept by its value once it was shown.
    pages = [admin.get("imports/").content.decode() for _time in range(2)]

    for page in pages:
        assert re.findall(r"gx-badge[^>]*>(Draft|Undone|Done)<", page) == ["Draft", "Undone"]


def test_before_undoing_it_says_how_much_that_is(upload, admin):
    upload(admin, "name\none\ntwo\n")
    draft = Import.objects.get()
    admin.post(f"imports/{draft.pk}/confirm/")
    run()

    page = admin.get(f"imports/{draft.pk}/undo/").content.decode()

    assert re.findall(r"<dd>(\d+)</dd>", page) == ["2", "0"]
