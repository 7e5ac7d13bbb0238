from django.utils.translation import gettext_lazy as _

from crm.pages.tables import (
    Column,
    DateTimeColumn,
    LinkColumn,
    MoneyColumn,
    PersonColumn,
    RelatedColumn,
    Table,
)

from .columns import QuantityColumn


class TransactionTable(Table):
    name = LinkColumn(_("What was bought"), accessor=str)
    customer = RelatedColumn(_("Customer"))
    at = DateTimeColumn(_("When"), sort="at")
    quantity_milli = QuantityColumn(_("Quantity"))
    unit_price = MoneyColumn(_("Unit price"), visible=False)
    amount = MoneyColumn(_("Amount"), sort="amount")
    reference = Column(_("Invoice number"), css="text-nowrap gx-digits")
    product = RelatedColumn(_("Product"), visible=False)
    city = Column(_("City"))
    country = Column(_("Country"), visible=False)
    currency = Column(_("Currency"), visible=False)
    external_id = Column(_("External number"), visible=False)
    created_by = PersonColumn(_("Created by"), visible=False)
    created_at = DateTimeColumn(_("Created"), visible=False)

    default_sort = "-at"
