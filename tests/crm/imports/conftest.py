from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from crm.imports.mapping import suggest
from crm.imports.models import Import
from crm.imports.pipeline import run_import
from crm.imports.reader import ReadOptions, open_source
from crm.tenancy.models import Membership


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def bring_in(in_tenant, tmp_path):
    """Import text as a file would be: `bring_in("name,phone\\n…")` returns the finished Import."""

    def bring_in(
        text: str | bytes,
        kind: str = "customers",
        *,
        membership: Membership | None = None,
        reading: ReadOptions | None = None,
        mapping: dict[str, int] | None = None,
        chunk_rows: int = 1000,
        **fields,
    ) -> Import:
        path: Path = tmp_path / "rows.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        source = open_source(path, reading or ReadOptions())
        run = Import.objects.create(
            kind=kind,
            file_name=path.name,
            columns=source.columns,
            reading=source.options.as_json(),
            user=membership.user if membership else None,
            **fields,
        )
        run.mapping = suggest(run.declaration.fields_for(membership), source.columns) if mapping is None else mapping
        run.save()
        run_import(run, membership=membership, path=path, chunk_rows=chunk_rows)
        return Import.objects.get(pk=run.pk)

    return bring_in


def counts(run: Import) -> dict[str, int]:
    return {
        "rows": run.row_count,
        "created": run.created_count,
        "updated": run.updated_count,
        "skipped": run.skipped_count,
        "failed": run.failed_count,
    }


def problems(run: Import) -> list[tuple[int, str, str, str]]:
    return list(run.row_errors.order_by("row_no", "field", "code").values_list("row_no", "field", "code", "value"))
