from typing import ClassVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from crm.pages.views import DeletePage, DetailPage, EditPage, ListPage
from crm.pages.views.list import Empty

from .. import filters, forms, tables
from ..models import CampaignResult


class ResultPages:
    """What the pages of results share: their name in addresses."""

    model: ClassVar[type[Model]] = CampaignResult
    url_stem: ClassVar[str] = "result"


class ResultList(ResultPages, ListPage):
    kind = "campaign_results"
    table = tables.CampaignResultTable
    filterset = filters.CampaignResultFilter
    empty = Empty(
        _("No results yet"),
        _("What an advertisement came to with a customer. Enter the first one, or import a file."),
        icon="target-arrow",
    )

    def get_queryset(self):
        return self.tenant.campaign_results.select_related("customer")


class ResultDetail(ResultPages, DetailPage):
    table = tables.CampaignResultTable
    sections = (("", ["customer", "ad", "result", "result_on", "campaign", "note", "created_at"]),)

    def get_queryset(self):
        return self.tenant.campaign_results.select_related("customer", "campaign")


class ResultEdit(ResultPages, EditPage):
    form = forms.CampaignResultForm


class ResultDelete(ResultPages, DeletePage):
    """One entry; nothing hangs on it."""
