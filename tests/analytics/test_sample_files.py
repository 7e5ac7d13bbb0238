"""Four small files, one for each area, as a new company brings them: through the web page, and by the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from crm.access.roles import Role
from crm.imports.models import Import
from crm.jobs import run_job
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from crm.tenancy.operations import create_tenant
from customers.models import Customer
from marketing.models import CampaignResult
from sales.models import Transaction
from service.choices.tickets import TicketStatus
from service.models import Ticket
from tests.conftest import Member, sign_in
from tests.factories import make_member

pytestmark = pytest.mark.django_db

CUSTOMERS = """\
name,phone,address
张三,13800000000,北京市
李四,13800000001,上海市
王五,13800000002,广州市
"""
PURCHASES = """\
name,date,city,amount
张三,2021-01-01,北京市,1000
李四,2021-01-02,上海市,2000
王五,2021-01-03,广州市,3000
"""
TICKETS = """\
name,date,issue,status
张三,2021-01-01,问题1,解决
李四,2021-01-02,问题2,等待
王五,2021-01-03,问题3,解决
"""
RESULTS = """\
name,date,ad,result
张三,2021-01-01,广告1,成功
李四,2021-01-02,广告2,失败
王五,2021-01-03,广告3,成功
"""
CHINESE = {"customers": CUSTOMERS, "transactions": PURCHASES, "tickets": TICKETS, "campaign_results": RESULTS}
ENGLISH = CHINESE | {
    "tickets": TICKETS.replace("解决", "solved").replace("等待", "waiting"),
    "campaign_results": RESULTS.replace("成功", "success").replace("失败", "failure"),
}


@pytest.fixture
def admin(db) -> Member:
    tenant = create_tenant(slug="three", name="三家", language="zh-hans", currency="CNY", time_zone="Asia/Shanghai")
    return sign_in(make_member(tenant, "admin@three.example", Role.ADMIN))


def by_command(admin: Member, kind: str, path: Path) -> None:
    call_command("import_data", "--tenant=three", f"--kind={kind}", str(path))


def by_the_web_page(admin: Member, kind: str, path: Path) -> None:
    """Whatever the wizard suggests is taken as it is."""
    admin.post("imports/new/", {"kind": kind, "file": SimpleUploadedFile(path.name, path.read_bytes())})
    with use_tenant(admin.membership.tenant):
        draft = Import.objects.latest("pk")
    for step in ("columns", "options", "confirm"):
        page = admin.get(f"imports/{draft.pk}/{step}/")
        form = page.context.get("form")
        fields = {name: form[name].value() for name in form.fields} if form else {}
        answers = {name: "" if value is None else value for name, value in fields.items()}
        assert admin.post(f"imports/{draft.pk}/{step}/", answers | {"next": "1"}).status_code == 302
    with use_tenant(admin.membership.tenant):
        run_job(Job.objects.filter(kind="imports.run").latest("pk"))


@pytest.mark.parametrize("files", [CHINESE, ENGLISH], ids=["chinese words", "english words"])
@pytest.mark.parametrize("bring_in", [by_command, by_the_web_page])
def test_four_files_make_three_customers_with_all_that_belongs_to_them(
    admin: Member, tmp_path: Path, files: dict[str, str], bring_in: Callable[[Member, str, Path], None]
):
    for kind, text in files.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text)
        bring_in(admin, kind, path)

    with use_tenant(admin.membership.tenant):
        assert list(Customer.objects.order_by("phone").values_list("name", "address")) == [
            ("张三", "北京市"),
            ("李四", "上海市"),
            ("王五", "广州市"),
        ]
        assert list(Transaction.objects.order_by("amount").values_list("customer__name", "amount", "city")) == [
            ("张三", 100_000, "北京市"),
            ("李四", 200_000, "上海市"),
            ("王五", 300_000, "广州市"),
        ]
        tickets = Ticket.objects.order_by("subject").select_related("customer")
        assert [(one.customer.name, one.subject, one.status) for one in tickets] == [
            ("张三", "问题1", TicketStatus.SOLVED),
            ("李四", "问题2", TicketStatus.PENDING),
            ("王五", "问题3", TicketStatus.SOLVED),
        ]
        results = CampaignResult.objects.order_by("ad").values_list("customer__name", "ad", "result")
        assert list(results) == [
            ("张三", "广告1", "success"),
            ("李四", "广告2", "failure"),
            ("王五", "广告3", "success"),
        ]
        for job in Job.objects.unfinished().filter(kind="analytics.rfm"):
            run_job(job)

    page = admin.get("analytics/customers/").content.decode()
    assert [amount for amount in ("6,000.00", "2,000.00", "3,000.00", "1,000.00") if amount not in page] == []
