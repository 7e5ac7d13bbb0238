from __future__ import annotations

from django.db.models import Model
from django.utils.functional import cached_property

from .base import Crumb
from .edit import EditPage


class SettingsPage(EditPage):
    """Edit the one row that a tenant has of `model`, or will have after the first saving. Names `title` too."""

    @property
    def is_new(self) -> bool:
        return self.object.pk is None

    @property
    def permission(self) -> str:  # type: ignore[override]  # whether the row is there already makes no difference
        return "edit"

    @cached_property
    def object(self) -> Model:
        rows = self.model._default_manager.order_by("pk")
        # The lock comes before comparing versions, as for every edit.
        rows = rows.select_for_update() if self.request.method == "POST" else rows
        return rows.first() or self.model()

    def get_initial(self):
        return {}

    def get_title(self) -> str:
        return str(self.title)

    def get_crumbs(self) -> list[Crumb]:
        return []

    def get_success_url(self, obj: Model) -> str:
        return self.request.path

    @property
    def back_url(self) -> str:
        return self.request.path
