"""Two imports of one kind at once: what one creates, the other must find."""

from __future__ import annotations

import threading

from django.db import connection, transaction

from crm.imports.models import Import
from crm.imports.pipeline import run_import
from crm.tenancy.context import use_tenant
from customers.models import Customer
from tests.factories import make_tenant


def test_two_imports_of_the_same_file_create_each_customer_once(committed_db, tmp_path):
    tenant = make_tenant("acme")
    path = tmp_path / "rows.csv"
    path.write_text("name,phone\n" + "".join(f"N{number},{13000000000 + number}\n" for number in range(600)))
    with use_tenant(tenant), transaction.atomic():
        runs = [
            Import.objects.create(
                kind="customers", file_name="rows.csv", mapping={"name": 0, "phone": 1}, match_key="phone"
            )
            for _both in range(2)
        ]
    together = threading.Barrier(2, timeout=30)
    faults: list[BaseException] = []

    def bring_in(run: Import) -> None:
        try:
            with use_tenant(tenant):
                together.wait()
                run_import(run, membership=None, path=path, chunk_rows=50)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert faults == []
    with use_tenant(tenant), transaction.atomic():
        assert Customer.objects.count() == 600
        created = sorted(Import.objects.values_list("created_count", "skipped_count"))
    assert sum(count for count, _skipped in created) == 600
    assert sum(skipped for _count, skipped in created) == 600
