"""Reports on the page, as a job and from the command line: one report, whoever asks for it and however."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.audit.choices import Action
from crm.audit.models import AuditEntry
from crm.jobs import run_job
from crm.jobs.models import Job
from tests.factories import make_customer
from tests.factories.deals import make_pipeline
from tests.factories.sales_documents import make_transaction
from tests.pdf import Pdf

pytestmark = pytest.mark.django_db

REPORTS = "analytics/reports/"


@pytest.fixture
def shop(in_tenant, owner, colleague):
    for member, amount in ((owner, 12_000), (colleague, 5_000)):
        customer = make_customer(in_tenant, name=f"Of {member.user}", owner=member.user)
        make_transaction(customer, in_tenant, amount=amount)
    return in_tenant


def asked(**fields) -> dict:
    return {"month": "this", "format": "csv", "language": "en"} | fields


def made(member, report: str = "monthly_sales", **fields) -> Job:
    """Ask for it on the page, and let the job do its work."""
    response = member.post(f"{REPORTS}{report}/", asked(**fields))
    assert response.status_code == 302, response.context["errors"]
    job = Job.objects.order_by("pk").last()
    assert response["Location"] == f"/t/acme/jobs/{job.pk}/"
    return run_job(job)


def text_of(job: Job) -> str:
    with job.result.open() as file:
        return file.read().decode("utf-8-sig")


# -- the pages


def test_reports_are_offered_to_whom_they_are_open(in_tenant, owner, analyst):
    def offered(member) -> set[str]:
        return {report.key for report in member.get(REPORTS).context["reports"]}

    assert offered(owner) == {"monthly_sales", "pipeline"}
    assert offered(analyst) == {"monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"}


def test_who_may_not_ask_meets_no_page(in_tenant, reader, owner):
    assert reader.get(REPORTS).status_code == 403
    assert reader.post(f"{REPORTS}monthly_sales/", asked()).status_code == 403
    assert owner.get(f"{REPORTS}customer_list/").status_code == 403
    assert owner.get(f"{REPORTS}nothing/").status_code == 404
    assert not Job.objects.exists()


def test_page_begins_with_what_the_address_says(in_tenant, owner):
    page = owner.get(f"{REPORTS}monthly_sales/?month=2026-03&nonsense=1")

    assert page.context["form"]["month"].value() == "2026-03"
    assert page.context["form"]["format"].value() == "pdf"


def test_bad_choice_is_refused_and_kept(in_tenant, owner):
    page = owner.post(f"{REPORTS}monthly_sales/", asked(month="2026-13"))

    assert page.status_code == 422
    assert "2026-13" in str(page.context["errors"])
    assert not Job.objects.exists()


def test_statements_of_the_page(shop, owner, django_assert_num_queries):
    made(owner)
    owner.get(f"{REPORTS}monthly_sales/")

    with django_assert_num_queries(STATEMENTS):
        owner.get(f"{REPORTS}monthly_sales/")
    made(owner)
    made(owner)
    with django_assert_num_queries(STATEMENTS):
        owner.get(f"{REPORTS}monthly_sales/")


STATEMENTS = 5


def test_what_was_made_stands_beside_and_in_a_list_of_its_own(shop, owner, colleague, admin):
    job = made(owner)
    made(colleague)

    assert [one.pk for one in owner.get(f"{REPORTS}monthly_sales/").context["runs"]] == [job.pk]
    assert [row.pk for row in owner.get(f"{REPORTS}runs/").context["rows"].rows] == [job.pk]
    assert len(admin.get(f"{REPORTS}runs/").context["rows"].rows) == 2
    assert owner.get(f"jobs/{job.pk}/result/")["Content-Disposition"].startswith("attachment")


# -- the job


def test_each_gets_what_they_may_see(shop, owner, colleague, admin):
    assert "In total,1,120.00" in text_of(made(owner))
    assert "In total,1,50.00" in text_of(made(colleague))
    assert "In total,2,170.00" in text_of(made(admin))
    assert "sales2@acme.example" not in text_of(made(owner))


def test_report_is_written_in_the_language_asked_for(shop, owner):
    job = made(owner, language="zh-hans", format="pdf")

    with job.result.open() as file:
        text = Pdf(file.read()).text
    assert (job.state, job.result.name[-4:]) == ("succeeded", ".pdf")
    assert f"{timezone.localdate():%Y}年" in text


def test_rights_that_ended_while_the_job_waited_count(shop, owner):
    owner.post(f"{REPORTS}monthly_sales/", asked())
    owner.membership.roles = ["reader"]
    owner.membership.save()

    job = run_job(Job.objects.get())

    assert (job.state, job.result) == ("failed", None)
    assert "no right" in job.error


def test_job_that_is_begun_again_makes_nothing_twice(shop, owner, monkeypatch):
    job = made(owner)
    first = job.result_id
    Job.objects.filter(pk=job.pk).update(state="queued")
    monkeypatch.setattr("analytics.tasks.reports.build_file", lambda *args, **options: pytest.fail("made again"))

    again = run_job(job)

    assert (again.state, again.result_id) == ("succeeded", first)


def test_list_of_customers_that_leaves_is_in_the_trail(in_tenant, analyst):
    make_customer(in_tenant)
    made(analyst, "customer_list", stage="", level="", owner="", city="")

    entry = AuditEntry.objects.filter(action=Action.EXPORT).get()
    assert (entry.kind, entry.row_count, entry.detail) == ("customers.customer", 1, {"format": "csv"})


# -- the command


def command(tmp_path, *more: str, report: str = "monthly_sales", format: str = "csv") -> str:
    out, said = tmp_path / f"report.{format}", StringIO()
    call_command(
        "build_report",
        "--tenant",
        "acme",
        "--report",
        report,
        "--format",
        format,
        "--out",
        str(out),
        *more,
        stdout=said,
    )
    assert f"written to {out}" in said.getvalue()
    return out.read_bytes().decode("utf-8-sig", "replace")


def test_command_writes_what_the_page_makes(shop, owner, tmp_path):
    on_page = text_of(made(owner))
    by_command = command(tmp_path, "--param", "month=this", "--as", "SALES@acme.example")

    # But for the moment at which it was read.
    assert [line for line in by_command.splitlines() if not line.startswith("Read at")] == [
        line for line in on_page.splitlines() if not line.startswith("Read at")
    ]


def test_command_without_a_member_sees_what_administrators_see(shop, tmp_path):
    assert "In total,2,170.00" in command(tmp_path, "--param", "month=this")


@pytest.mark.parametrize("format", ["pdf", "xlsx", "csv", "html"])
@pytest.mark.parametrize("report", ["monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"])
def test_every_report_comes_in_every_format(shop, report, format, tmp_path):
    make_pipeline(shop)
    beginnings = {"pdf": "%PDF", "xlsx": "PK", "html": "<!doctype html>", "csv": ""}

    assert command(tmp_path, report=report, format=format).startswith(beginnings[format])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"report": "nothing"}, "monthly_sales, pipeline"),
        ({"more": ["--param", "monht=last"]}, "It has: month"),
        ({"more": ["--param", "month"]}, "month=2026-10"),
        ({"more": ["--param", "month=2026-13"]}, "2026-13"),
        ({"more": ["--as", "nobody@acme.example"]}, "not an active member"),
        ({"more": ["--as", "sales@acme.example"], "report": "customer_list"}, "may not ask"),
    ],
)
def test_command_says_what_is_wrong(shop, tmp_path, arguments, said):
    more = arguments.pop("more", [])

    with pytest.raises(CommandError, match=said):
        command(tmp_path, *more, **arguments)
