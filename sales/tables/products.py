from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.pages.tables import Column, DateTimeColumn, LinkColumn, MoneyColumn, Table, YesNoColumn

from .columns import RateColumn


class ProductTable(Table):
    name = LinkColumn(_("Name"), sort="name_sort")
    code = Column(pgettext_lazy("a product", "Code"), sort="code", css="text-nowrap gx-digits")
    category = Column(_("Category"), sort=("category", "name_sort"))
    price = MoneyColumn(_("Price"), sort="price")
    unit = Column(_("Unit"))
    tax_bp = RateColumn(_("Tax"))
    is_active = YesNoColumn(_("On sale"))
    currency = Column(_("Currency"), visible=False)
    description = Column(_("Description"), visible=False)
    created_at = DateTimeColumn(_("Created"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at", visible=False)

    default_sort = "name"
