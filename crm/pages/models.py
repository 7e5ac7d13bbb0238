from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantManager, TenantModel

from .choices import Visibility
from .querysets import SavedViewQuerySet
from .registry import list_pages

LONGEST_QUERY = 2_000


class SavedView(TenantModel):
    """A list as somebody arranged it: filters, order, columns.

    The one without a name is a person's own choice of columns for a kind. It lives here so that a list reads what it
    needs in one statement.
    """

    kind = models.CharField(_("list"), max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=80, blank=True)
    # The part of the address behind the question mark: `stage=active&sort=-updated_at`.
    query = models.CharField(_("filters and order"), max_length=LONGEST_QUERY, blank=True, editable=False)
    columns = ArrayField(
        models.CharField(max_length=60), verbose_name=_("columns"), default=list, blank=True, editable=False
    )
    owner = MemberForeignKey(verbose_name=_("owner"), related_name="+", editable=False)
    visibility = models.CharField(_("who sees it"), max_length=4, choices=Visibility, default=Visibility.OWN)
    # The owner's team when it is shared with a team.
    team_id = models.BigIntegerField(_("team"), null=True, editable=False)
    is_default = models.BooleanField(_("open the list with it"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(SavedViewQuerySet)()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "owner", "name"],
                name="pages_savedview_once",
                violation_error_message=_("You already have a view of this name."),
            ),
        ]
        indexes = [models.Index(fields=["tenant", "kind", "visibility", "team_id"], name="pages_savedview_shared")]

    def __str__(self):
        return self.name or self.kind

    @classmethod
    def value_in_words(cls, column: str, value: Any) -> str | None:
        """How the audit trail says a value: a list and its columns by their names."""
        if column == "kind" and value in list_pages:
            return list_pages[value]().kinds_label
        if column == "columns" and isinstance(value, str):
            known = (page.table.columns for page in list_pages.values() if value in page.table.columns)
            return next((str(columns[value].label) for columns in known), None)
        return None

    @property
    def parameters(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def link(self) -> str:
        """The address of the list in this view, relative to the list."""
        return "?" + "&".join(filter(None, [self.query, urlencode({"view": self.pk})]))


class SubmittedForm(TenantModel):
    """A create form that was sent, by the token in it: sent twice, it creates once and leads to the same page."""

    not_audited = "Forgotten after two days; what it created is in the trail."

    token = models.UUIDField()
    owner = MemberForeignKey(related_name="+")
    location = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        constraints = [models.UniqueConstraint(fields=["tenant", "token"], name="pages_submittedform_once")]
        indexes = [models.Index(fields=["tenant", "sent_at"], name="pages_submittedform_sent")]

    def __str__(self):
        return str(self.token)
