from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.imports.registry import Computed, FieldType, ImportField, ImportKind, MatchKey, register
from customers.imports import customer_fields

from ..models import Transaction
from ..totals import Line, line_amount


def _amount(quantity_milli: str, unit_price: str) -> str:
    return str(line_amount(Line(int(quantity_milli), int(unit_price))))


TRANSACTIONS = register(
    ImportKind(
        kind="transactions",
        model=Transaction,
        label=_("Purchases"),
        fields=(
            # A row without a customer is a sale to somebody unknown: left out, the revenue of the day would be wrong. A
            # row that names a customer who is not there is refused: that is a mistake, and not an unknown buyer.
            *customer_fields(words=("name", "姓名", "名称", "客户姓名"), required=False),
            ImportField(
                "at",
                _("When"),
                type=FieldType.DATETIME,
                required=True,
                words=(
                    *("日期", "时间", "购买日期", "购买时间", "交易日期", "交易时间", "下单时间", "销售日期"),
                    *("date", "time", "invoice date", "invoicedate", "order date", "purchase date", "sold on"),
                ),
            ),
            ImportField(
                "amount",
                _("Amount"),
                type=FieldType.MONEY,
                required=True,
                words=(
                    *("金额", "总额", "消费金额", "交易金额", "销售额", "销售金额", "合计"),
                    *("total", "sum", "total amount", "line total", "revenue", "sales", "value"),
                ),
            ),
            ImportField(
                "quantity_milli",
                _("Quantity"),
                type=FieldType.QUANTITY,
                words=("数量", "件数", "qty", "pieces"),
            ),
            ImportField(
                "unit_price",
                _("Unit price"),
                type=FieldType.MONEY,
                words=("单价", "价格", "unitprice", "unit price", "price", "price each"),
            ),
            ImportField(
                "reference",
                _("Invoice number"),
                words=(
                    *("发票号", "发票号码", "单号", "订单号", "订单编号", "流水单号"),
                    *(
                        "invoice",
                        "invoiceno",
                        "invoice no",
                        "order",
                        "order no",
                        "order number",
                        "receipt",
                        "reference",
                    ),
                ),
            ),
            ImportField(
                "name",
                _("What was bought"),
                words=(
                    "购买内容",
                    "商品",
                    "商品名称",
                    "品名",
                    "产品名称",
                    "item",
                    "article",
                    "description",
                    "product name",
                ),
            ),
            ImportField(
                "product_code",
                _("Product, by code"),
                type=FieldType.REFERENCE,
                target="product",
                to="products",
                by="code",
                # A line counts although its product is in no catalogue: postage, say, or one that was taken off it.
                forgiving=True,
                words=("产品编码", "商品编码", "货号", "sku", "product code", "item code"),
            ),
            ImportField(
                "product",
                _("Product, by name"),
                type=FieldType.REFERENCE,
                to="products",
                by="name",
                forgiving=True,
                words=("产品", "product"),
            ),
            ImportField("city", _("City"), words=("城市", "所在城市", "市", "town")),
            ImportField("country", _("Country"), words=("国家", "国家/地区", "region")),
            ImportField(
                "external_id",
                _("External number"),
                words=("外部编号", "流水号", "交易号", "transaction id", "line id", "external id", "id"),
            ),
        ),
        keys=(MatchKey("external_id", ("external_id",), _("External number")),),
        computed=(Computed("amount", ("quantity_milli", "unit_price"), _amount),),
        author="created_by",
        # Amounts in a file are in the tenant's currency.
        defaults={"currency": lambda tenant: tenant.currency},
    )
)
