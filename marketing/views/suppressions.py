from django.utils.translation import gettext_lazy as _

from crm.pages.views import DeletePage, DetailPage, EditPage, ListPage
from crm.pages.views.list import Empty

from .. import filters, forms, tables
from ..models import Suppression
from ..operations import suppress


class SuppressionList(ListPage):
    model = Suppression
    kind = "suppressions"
    table = tables.SuppressionTable
    filterset = filters.SuppressionFilter
    empty = Empty(
        _("Nobody is left out"),
        _("Who unsubscribes, or whose mail comes back, stands here and gets no more campaigns."),
        icon="ban",
    )

    def get_queryset(self):
        return self.tenant.suppressions.all()


class SuppressionDetail(DetailPage):
    model = Suppression
    table = tables.SuppressionTable
    sections = (("", ["email", "reason", "campaign", "note", "created_by", "created_at"]),)

    def get_queryset(self):
        return self.tenant.suppressions.select_related("campaign", "created_by")


class SuppressionCreate(EditPage):
    model = Suppression
    form = forms.SuppressionForm
    title = _("Leave out an address")

    def save(self, form):
        return suppress(suppression=form.instance, user=self.request.user)


class SuppressionDelete(DeletePage):
    model = Suppression
    template_name = "marketing/suppression_delete.html"
