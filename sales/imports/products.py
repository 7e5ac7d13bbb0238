from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.imports.registry import Derived, FieldType, ImportField, ImportKind, MatchKey, Search, register
from crm.search.tokens import name_sort

from ..document_search import index_products, product_words
from ..models import Product, ProductSearch

PRODUCTS = register(
    ImportKind(
        kind="products",
        model=Product,
        label=_("Products"),
        fields=(
            ImportField(
                "name",
                _("Name"),
                required=True,
                words=(
                    "名称",
                    "品名",
                    "产品",
                    "产品名称",
                    "商品",
                    "商品名称",
                    "product",
                    "product name",
                    "item",
                    "article",
                ),
            ),
            ImportField(
                "code",
                pgettext_lazy("a product", "Code"),
                words=(
                    *("编码", "编号", "货号", "型号", "产品编码", "产品编号", "商品编码"),
                    *("sku", "product code", "item code", "article number", "number", "stockcode", "stock code"),
                ),
            ),
            ImportField("category", _("Category"), words=("类别", "产品类别", "系列", "group", "series", "type")),
            ImportField("unit", _("Unit"), words=("计量单位", "uom", "unit of measure")),
            ImportField(
                "price",
                _("Price"),
                type=FieldType.MONEY,
                words=(
                    *("价格", "单价", "售价", "标准价"),
                    *("unit price", "unitprice", "sales price", "sales_price", "list price"),
                ),
            ),
            ImportField(
                "tax_bp", _("Tax"), type=FieldType.PERCENT, words=("税率", "税", "tax rate", "vat", "vat rate", "gst")
            ),
            ImportField(
                "is_active",
                _("On sale"),
                type=FieldType.YES_NO,
                words=("在售", "是否在售", "启用", "active", "is active", "enabled"),
            ),
            ImportField(
                "description", _("Description"), words=("说明", "产品描述", "备注", "details", "note", "remark")
            ),
        ),
        keys=(
            MatchKey("code", ("code",), pgettext_lazy("a product", "Code")),
            MatchKey("name", ("name",), _("Name"), index="name_sort"),
        ),
        derived=(Derived("name_sort", "name", name_sort),),
        search=Search(
            reindex=index_products, entry=ProductSearch, fields=("name", "code", "category"), words=product_words
        ),
        # Prices in a file are in the tenant's currency.
        defaults={"currency": lambda tenant: tenant.currency},
    )
)
