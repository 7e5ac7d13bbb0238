from __future__ import annotations

from typing import cast

from django.utils.translation import gettext_lazy as _

from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty, ReadyView

from ..bulk import products as bulk
from ..document_search import filter_products_by_search
from ..filters.products import ProductFilter
from ..forms.products import ProductForm
from ..models import Product
from ..operations.products import delete_products, put_on_sale
from ..tables.products import ProductTable


class ProductList(ListPage):
    model = Product
    kind = "products"
    table = ProductTable
    filterset = ProductFilter
    bulk_actions = (bulk.ProductsOnSale, bulk.ProductsOffSale, bulk.ProductsDelete)
    ready_views = (ReadyView(_("On sale"), "is_active=yes"), ReadyView(_("Off sale"), "is_active=no"))
    empty = Empty(
        _("No products yet"),
        _("Products are what quotes and purchases are made of. Enter the first one, or import a file."),
        icon="package",
    )

    def get_queryset(self):
        return self.tenant.products.all()

    def pick(self, rows, text):
        rows = rows.filter(is_active=True)
        if not text:
            return rows.order_by("-updated_at", "-pk")
        return filter_products_by_search(rows, text).order_by("name_sort", "pk")


class ProductDetail(DetailPage):
    model = Product
    table = ProductTable
    template_name = "sales/product_detail.html"
    sections = (
        (_("What it costs"), ["price", "unit", "tax_bp"]),
        (_("What it is"), ["code", "category", "created_at", "updated_at"]),
        (_("Description"), ["description"]),
    )
    actions = (
        PageAction("off_sale", _("Take off sale"), "ban", permission="edit", is_rare=True),
        PageAction("on_sale", _("Put on sale"), "check", permission="edit", is_primary=True),
    )

    def get_queryset(self):
        return self.tenant.products.all()

    def buttons(self):
        product = cast(Product, self.object)
        senseless = self.url("on_sale" if product.is_active else "off_sale", product)
        return [button for button in super().buttons() if button.url != senseless]


class ProductEdit(EditPage):
    model = Product
    form = ProductForm


class ProductDelete(DeletePage):
    model = Product

    def delete(self, obj):
        delete_products(products=Product.objects.filter(pk=obj.pk))


class ProductOnSale(ActionPage):
    model = Product
    permission = "edit"
    label = _("Put on sale")
    question = _("Offer this product in new quotes again?")
    done = _("The product is on sale.")

    def act(self, obj, data):
        put_on_sale(products=Product.objects.filter(pk=obj.pk), is_active=True)


class ProductOffSale(ActionPage):
    model = Product
    permission = "edit"
    label = _("Take off sale")
    question = _("Offer this product in new quotes no longer? Where it stands already, it stays.")
    done = _("The product is off sale.")

    def act(self, obj, data):
        put_on_sale(products=Product.objects.filter(pk=obj.pk), is_active=False)
