"""Products in the sidebar and the palette."""

from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from ..models import Product

register(
    Entry(
        "sales:product_list",
        _("Products"),
        icon="package",
        section="sales",
        order=50,
        needs=(Product, "view"),
        words="products goods articles price chanpin shangpin 产品 商品 价格",
    ),
    Entry(
        "sales:product_create",
        _("New product"),
        icon="package",
        section="sales",
        order=51,
        needs=(Product, "create"),
        places=("create",),
        words="product xinjian chanpin 新建产品",
    ),
)
