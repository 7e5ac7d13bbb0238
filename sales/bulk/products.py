from django.utils.translation import gettext_lazy as _

from crm.pages.bulk import BulkAction

from ..operations.products import delete_products, put_on_sale


class ProductsOnSale(BulkAction):
    verb, label, icon = "on_sale", _("Put on sale"), "check"

    def act(self, rows, data):
        return put_on_sale(products=rows, is_active=True)


class ProductsOffSale(BulkAction):
    verb, label, icon = "off_sale", _("Take off sale"), "ban"
    warning = _("They stay in quotes and purchases, and are offered in new ones no longer.")

    def act(self, rows, data):
        return put_on_sale(products=rows, is_active=False)


class ProductsDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("Products that stand in quotes or purchases are kept. This cannot be undone.")

    def act(self, rows, data):
        return delete_products(products=rows, skip_used=True)
