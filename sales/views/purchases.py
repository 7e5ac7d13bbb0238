from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.views import DeletePage, DetailPage, EditPage, ListPage
from crm.pages.views.list import Empty, ReadyView

from ..bulk import purchases as bulk
from ..filters.purchases import TransactionFilter
from ..forms.purchases import TransactionForm
from ..models import Transaction
from ..operations.purchases import delete_transactions, save_transaction
from ..tables.purchases import TransactionTable


class TransactionList(ListPage):
    model = Transaction
    kind = "transactions"
    table = TransactionTable
    filterset = TransactionFilter
    bulk_actions = (bulk.TransactionsDelete,)
    ready_views = (ReadyView(_("Returns"), "kind=returned"),)
    empty = Empty(
        _("No purchases yet"),
        _("What customers bought shows here, line by line. Import the lines of your shop or your invoices."),
        icon="shopping-cart",
    )

    def get_queryset(self):
        return self.tenant.transactions.all()

    def pick(self, rows, text):
        rows = rows.filter(reference__prefix=text) if text else rows
        return rows.order_by("-at", "-pk")


class TransactionDetail(DetailPage):
    model = Transaction
    table = TransactionTable
    template_name = "sales/transaction_detail.html"
    sections = (
        (_("Who bought what"), ["customer", "product", "name", "at", "city", "country"]),
        (_("What it cost"), ["quantity_milli", "unit_price", "amount"]),
        (_("Details"), ["reference", "external_id", "created_by", "created_at", "updated_at"]),
    )

    def get_queryset(self):
        return self.tenant.transactions.select_related("customer", "product", "created_by")


class TransactionEdit(EditPage):
    model = Transaction
    form = TransactionForm

    def save(self, form):
        return save_transaction(purchase=form.instance, user=self.request.user)


class TransactionDelete(DeletePage):
    model = Transaction

    def delete(self, obj):
        delete_transactions(transactions=Transaction.objects.filter(pk=obj.pk))
