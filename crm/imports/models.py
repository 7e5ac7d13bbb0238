from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.files.models import StoredFile
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantModel

from .faults import Fault
from .registry import ImportKind, OnMatch, import_kinds


class Kept(models.TextChoices):
    """Why undoing an import left a record, or a field of it, as it is."""

    CHANGED = "changed", _("Somebody has changed it since.")
    IN_USE = "in_use", _("Other records belong to it now.")
    GONE = "gone", _("Somebody has deleted it since.")
    TAKEN = "taken", _("Another record has the former value now.")


class Import(TenantModel):
    """One file on its way in: what it is, how it is read, what became of it.

    Without a job it is a draft that the wizard works on. `last_row` is committed with each chunk: everything up to this
    line of the file is done, and nothing below it.
    """

    unaudited_fields = (
        "sample",
        "last_row",
        "row_count",
        "created_count",
        "updated_count",
        "skipped_count",
        "failed_count",
        "noted_count",
        "removed_count",
        "restored_count",
        "kept_count",
    )

    kind = models.CharField(_("kind"), max_length=40)
    file = TenantForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    file_name = models.CharField(_("file"), max_length=200)
    columns = models.JSONField(_("columns"), default=list)
    # crm.imports.reader.ReadOptions, complete.
    reading = models.JSONField(_("how it is read"), default=dict)
    # crm.imports.sample.Sample, as long as it is a draft.
    sample = models.JSONField(_("first rows"), default=dict, editable=False)
    # {name of the field: position of the column}
    mapping = models.JSONField(_("columns by field"), default=dict)
    match_key = models.CharField(_("recognised by"), max_length=40, blank=True)
    on_match = models.CharField(_("known records"), max_length=10, choices=OnMatch, default=OnMatch.UPDATE)
    month_first = models.BooleanField(_("month before day"), default=False)
    # New records belong to the importing person; otherwise to nobody.
    own = models.BooleanField(_("new records are the importer's"), default=True)
    user = MemberForeignKey(verbose_name=_("imported by"), null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    job = TenantForeignKey(Job, models.SET_NULL, null=True, related_name="imports", verbose_name=_("job"))
    total_count = models.PositiveIntegerField(_("rows in the file"), null=True)
    last_row = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    created_count = models.PositiveIntegerField(_("new"), default=0)
    updated_count = models.PositiveIntegerField(_("changed"), default=0)
    skipped_count = models.PositiveIntegerField(_("skipped"), default=0)
    failed_count = models.PositiveIntegerField(_("with errors"), default=0)
    # Rows that came in, and of which something was left out.
    noted_count = models.PositiveIntegerField(_("incomplete"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    undo_job = TenantForeignKey(
        Job, models.SET_NULL, null=True, related_name="undone_imports", verbose_name=_("job that undoes it")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    removed_count = models.PositiveIntegerField(_("removed again"), default=0)
    restored_count = models.PositiveIntegerField(_("restored"), default=0)
    kept_count = models.PositiveIntegerField(_("left as they are"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index("tenant", models.F("created_at").desc(), models.F("id").desc(), name="import_recent"),
            models.Index("tenant", "user", models.F("created_at").desc(), models.F("id").desc(), name="import_own"),
        ]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("imports:import_detail", args=[self.pk])

    @property
    def declaration(self) -> ImportKind:
        return import_kinds[self.kind]

    @property
    def kind_label(self) -> str:
        """The kind in words, also of one that no app declares any more."""
        return str(import_kinds[self.kind].label) if self.kind in import_kinds else self.kind

    @property
    def is_draft(self) -> bool:
        # A job that ended long ago is removed; the rows it brought in say that there was one.
        return self.job_id is None and self.finished_at is None and not self.row_count

    @property
    def is_over(self) -> bool:
        """Finished, cancelled or given up: nothing more is written."""
        if self.is_draft:
            return False
        return self.finished_at is not None or self.job is None or JobState(self.job.state).is_finished

    @property
    def can_undo(self) -> bool:
        changed = self.created_count or self.updated_count
        return bool(self.is_over and changed and self.undone_at is None and self.undo_job_id is None)

    @property
    def state_label(self):
        if self.undone_at:
            return _("Undone")
        if self.is_draft:
            return _("Draft")
        return self.job.get_state_display() if self.job else JobState.SUCCEEDED.label


class RowError(TenantModel):
    """Why a row was not imported, or (`row_came_in`) a cell of it; one row of the file may have several."""

    not_audited = "It says what was not written; nobody changes it."

    of_import = TenantForeignKey(Import, models.CASCADE, cascade=True, related_name="row_errors")
    row_no = models.PositiveIntegerField(_("line"))
    field = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=30, choices=Fault)
    value = models.TextField(_("value"), blank=True)
    row_came_in = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("error in a row")
        verbose_name_plural = _("errors in rows")
        indexes = [models.Index(fields=["tenant", "of_import", "row_no", "id"], name="import_error_row")]

    def __str__(self):
        return f"{self.row_no}: {self.get_code_display()}"


class ImportRow(TenantModel):
    """What one row of the file did to which record: enough to take it back.

    `changes` is {column: [before, after]} of an updated record, and under "tags" the ids of the tags it was given.
    """

    not_audited = "It is itself the detail of what the trail writes in one line for each chunk."

    class Action(models.TextChoices):
        CREATED = "c", _("New")
        UPDATED = "u", _("Changed")

    of_import = TenantForeignKey(Import, models.CASCADE, cascade=True, related_name="imported_rows")
    row_no = models.PositiveIntegerField(_("line"))
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=1, choices=Action)
    changes = models.JSONField(null=True)
    # The record's `updated_at` as the import wrote it: another one says that somebody touched it since.
    stamp = models.DateTimeField()
    kept = models.CharField(max_length=10, choices=Kept, blank=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        indexes = [
            models.Index(fields=["tenant", "of_import", "record_id"], name="import_row_record"),
            models.Index(
                fields=["tenant", "of_import", "row_no"], name="import_row_kept", condition=~models.Q(kept="")
            ),
        ]

    def __str__(self):
        return f"{self.row_no} → {self.record_id}"
