"""Rows that come in although a cell of them could not be used, and choices that only this tenant has."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from django.db import transaction

from crm.imports.error_files import write_errors
from crm.imports.faults import Fault
from crm.imports.pipeline import source_of
from crm.imports.registry import import_kinds
from customers.imports import CUSTOMERS
from customers.models import Customer
from tests.factories import make_customer

from .conftest import counts, problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def declare(monkeypatch):
    """Declare customers otherwise for this test: `declare(level={"forgiving": True})` changes a field of theirs."""

    def declare(**fields):
        changed = tuple(replace(one, **fields.pop(one.name, {})) for one in CUSTOMERS.fields)
        monkeypatch.setitem(import_kinds._kinds, "customers", replace(CUSTOMERS, **{"fields": changed} | fields))

    return declare


def test_cell_that_cannot_be_read_is_left_out_and_told(bring_in, declare):
    declare(next_contact_on={"forgiving": True})

    run = bring_in("name,next contact\nAnn,soon\nBob,2026-03-31\n")

    assert counts(run) == {"rows": 2, "created": 2, "updated": 0, "skipped": 0, "failed": 0}
    assert (run.noted_count, run.row_errors.get().row_came_in) == (1, True)
    assert problems(run) == [(2, "next_contact_on", Fault.BAD_DATE, "soon")]
    assert [str(one.next_contact_on) for one in Customer.objects.order_by("name")] == ["None", "2026-03-31"]


def test_row_with_a_fault_is_told_for_its_fault_alone(bring_in, declare):
    declare(next_contact_on={"forgiving": True})

    run = bring_in("name,email,next contact\nAnn,nonsense,soon\n")

    assert (counts(run)["failed"], run.noted_count) == (1, 0)
    assert problems(run) == [(2, "email", Fault.BAD_EMAIL, "nonsense")]


def test_what_was_left_out_of_a_known_record_leaves_it_as_it_is(in_tenant, bring_in, declare):
    declare(level={"forgiving": True})
    make_customer(in_tenant, name="Ann", external_id="7", level="a")

    run = bring_in("name,level,external number\nAnna,gold,7\n", match_key="external_id")

    assert (counts(run)["updated"], run.noted_count) == (1, 1)
    assert Customer.objects.values_list("name", "level").get() == ("Anna", "a")


def test_file_of_what_went_wrong_tells_rows_that_came_in_from_those_that_did_not(bring_in, declare, tmp_path):
    declare(next_contact_on={"forgiving": True})
    run = bring_in("name,email,next contact\nAnn,,soon\nBob,nonsense,\nCid,,\n")

    with transaction.atomic():
        count = write_errors(run, source_of(run, tmp_path / "rows.csv"), tmp_path / "errors.csv")

    with (tmp_path / "errors.csv").open(encoding="utf-8-sig") as stream:
        rows = [(row["name"], row["What is wrong"]) for row in csv.DictReader(stream)]
    assert count == 2
    assert rows == [
        ("Ann", "Imported without it. Next contact: This is not a date, such as 2026-03-31."),
        ("Bob", "E-mail: This is not an e-mail address, such as name@example.com."),
    ]


def test_choices_may_be_what_the_tenant_has_when_the_import_begins(in_tenant, bring_in, declare):
    make_customer(in_tenant, name="Lowest", level="c")

    def levels():
        return {one.level: [f"like {one.name}"] for one in Customer.objects.all()}

    declare(level={"options": levels})

    run = bring_in("name,level\nAnn,like lowest\nBob,like highest\n")

    assert Customer.objects.get(name="Ann").level == "c"
    assert problems(run) == [(3, "level", Fault.BAD_CHOICE, "like highest")]


def test_kind_is_told_what_changed_from_what_to_what(in_tenant, bring_in, declare):
    told = []
    declare(changed=told.append)
    known = make_customer(in_tenant, name="Ann", external_id="7", city="Bath")
    make_customer(in_tenant, name="Bob", external_id="8", city="Bath")

    bring_in(
        "name,city,external number\nAnn,Ulm,7\nBob,Bath,8\nCid,Ulm,9\n", match_key="external_id", on_match="update"
    )

    assert told == [{known.pk: {"city": ["Bath", "Ulm"]}}]
