from __future__ import annotations

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.pages.views import EditPage

from ..forms.quotes import QuoteSettingsForm
from ..models import QuoteSettings


class QuoteSettingsEdit(EditPage):
    """One page, and at most one row: the first saving makes it."""

    model = QuoteSettings
    form = QuoteSettingsForm
    template_name = "sales/quote_settings.html"
    title = _("Settings of quotes")

    @property
    def is_new(self) -> bool:
        return self.object.pk is None

    @property
    def permission(self) -> str:  # type: ignore[override]  # whether the row is there already makes no difference
        return "edit"

    @cached_property
    def object(self) -> QuoteSettings:
        rows = self.tenant.quote_settings.all()
        # The lock comes before comparing versions, as for every edit.
        rows = rows.select_for_update() if self.request.method == "POST" else rows
        return rows.first() or QuoteSettings()

    def get_initial(self):
        return {}

    def get_title(self) -> str:
        return str(self.title)

    def get_crumbs(self):
        return []

    def get_success_url(self, obj):
        return self.request.path

    @property
    def back_url(self) -> str:
        return self.request.path
