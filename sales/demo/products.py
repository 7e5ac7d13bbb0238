"""What the demo's tenant sells, and the letterhead under which it quotes."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from django.db import transaction

from crm.demo.registry import DemoTenant, demo
from crm.pages.formats import minor_digits

from ..models import Product, QuoteSettings
from .document_texts import DOCUMENT_TEXTS, DocumentTexts, Goods


@demo
def fill_products(world: DemoTenant) -> None:
    texts = DOCUMENT_TEXTS[world.is_chinese]
    with transaction.atomic():
        for goods in texts.goods:
            _create(world, texts, goods)
        _introduce(texts)


def known_products(world: DemoTenant) -> list[Product]:
    """The demo's own, what is bought most often before the others."""
    codes = [goods.code for goods in DOCUMENT_TEXTS[world.is_chinese].goods]
    by_code = {product.code: product for product in Product.objects.filter(code__in=codes)}
    return [by_code[code] for code in codes if code in by_code]


def minor(price: str, currency: str) -> int:
    return int(Decimal(price.replace(",", "")).scaleb(minor_digits(currency)))


def _create(world: DemoTenant, texts: DocumentTexts, goods: Goods) -> None:
    currency = world.tenant.currency
    Product.objects.get_or_create(
        code=goods.code,
        defaults={
            "name": goods.name,
            "category": goods.category,
            "unit": goods.unit,
            "price": minor(goods.price, currency),
            "currency": currency,
            "tax_bp": texts.tax_bp,
        },
    )


def _introduce(texts: DocumentTexts) -> None:
    settings = QuoteSettings.objects.first() or QuoteSettings()
    if settings.company_name:
        return  # somebody has been here
    for name, value in asdict(texts.letterhead).items():
        setattr(settings, name, value)
    settings.introduction, settings.terms = texts.introduction, texts.terms
    settings.tax_bp, settings.is_tax_included = texts.tax_bp, texts.is_tax_included
    settings.save()
