from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.views import SettingsPage

from ..forms.quotes import QuoteSettingsForm
from ..models import QuoteSettings


class QuoteSettingsEdit(SettingsPage):
    model = QuoteSettings
    form = QuoteSettingsForm
    template_name = "sales/quote_settings.html"
    title = _("Settings of quotes")
