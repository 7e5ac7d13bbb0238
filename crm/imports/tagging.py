# ruff: noqa: S608  # names in the statements come from models and declarations, never from a file
"""Tags of imported records: made where they are missing, linked where the record does not have them yet."""

from __future__ import annotations

from crm.tenancy.fields import column_of

from .batch import quote
from .plan import NAMES
from .registry import FieldType, TagLink
from .stage import KNOWN, STAGE, Stage

NEW_LINKS = "import_tag"


class Tagging:
    """Does nothing where the file has no column of tags."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.link: TagLink | None = stage.plan.kind.tags if stage.plan.with_tags else None

    def prepare(self) -> None:
        """Create the missing tags, and work out which links are new."""
        if self.link is None:
            return
        stage, tag = self.stage, self.link.tag_model
        names = f"unnest(s.{quote(self._field() + NAMES)})"
        defaults = {str(one.column): one.get_default() for one in tag._meta.concrete_fields if one.has_default()}
        stage.writer.insert(
            tag._meta.db_table,
            ["tenant_id", "name", *defaults],
            f"SELECT DISTINCT {stage.tenant_id}, {names}{', %s' * len(defaults)} FROM {STAGE} s",
            list(defaults.values()),
            tail="ON CONFLICT DO NOTHING",
        )
        record = "coalesce(m.id, s.new_id)" if stage.updating else "s.new_id"
        known = f"LEFT JOIN {KNOWN} m ON m.row_no = s.row_no" if stage.updating else ""
        where = "true" if stage.updating else stage.is_new()
        links, record_column, tag_column = self._columns(self.link)
        stage.writer.execute(
            f"CREATE TEMPORARY TABLE {NEW_LINKS} ON COMMIT DROP AS "
            f"SELECT DISTINCT w.record_id, g.id AS tag_id FROM (SELECT {record} AS record_id, {names} AS name "
            f"FROM {STAGE} s {known} WHERE {where}) w "
            f"JOIN {quote(tag._meta.db_table)} g ON g.tenant_id = {stage.tenant_id} AND g.name = w.name "
            f"WHERE NOT EXISTS (SELECT 1 FROM {quote(links)} l WHERE l.tenant_id = {stage.tenant_id} "
            f"AND l.{quote(record_column)} = w.record_id AND l.{quote(tag_column)} = g.id)"
        )

    def write(self) -> None:
        if self.link is None:
            return
        links, record_column, tag_column = self._columns(self.link)
        self.stage.writer.insert(
            links,
            ["tenant_id", record_column, tag_column],
            f"SELECT {self.stage.tenant_id}, record_id, tag_id FROM {NEW_LINKS}",
            tail="ON CONFLICT DO NOTHING",
        )
        self.stage.writer.execute(f"DROP TABLE {NEW_LINKS}")

    def changes_of(self, record: str) -> str:
        """Expression for what undoing must know: {"tags": [ids of the new links]}, or NULL."""
        if self.link is None:
            return "NULL::jsonb"
        return (
            f"(SELECT jsonb_build_object('tags', jsonb_agg(g.tag_id)) FROM {NEW_LINKS} g "
            f"WHERE g.record_id = {record} HAVING count(*) > 0)"
        )

    def changes(self, record: str) -> str:
        """Condition that a record gets a tag it did not have."""
        if self.link is None:
            return "false"
        return f"EXISTS (SELECT 1 FROM {NEW_LINKS} g WHERE g.record_id = {record})"

    def _field(self) -> str:
        return next(one.fills for one in self.stage.plan.mapped if one.type == FieldType.TAGS)

    def _columns(self, link: TagLink) -> tuple[str, str, str]:
        return link.model._meta.db_table, column_of(link.model, link.record), column_of(link.model, link.tag)
