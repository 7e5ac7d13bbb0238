"""Products, quotes and purchases. Dull on purpose; call them inside the tenant."""

from datetime import date

from crm.accounts.models import User
from crm.tenancy.models import Tenant
from customers.models import Customer
from sales.models import Product, Quote, QuoteLine, Transaction
from sales.operations.quotes import save_quote


def make_product(tenant: Tenant, **fields) -> Product:
    return tenant.products.create(**({"name": "Office chair", "currency": tenant.currency, "price": 12_000} | fields))


def make_line(**fields) -> QuoteLine:
    return QuoteLine(**({"name": "Office chair", "unit_price": 12_000, "tax_bp": 1_000} | fields))


def make_quote(customer: Customer, user: User, lines: list[QuoteLine] | None = None, **fields) -> Quote:
    """A draft with one line, of 2 × 120.00 and 10 % tax, unless other lines are given."""
    usual = {"language": "en", "currency": "USD", "issued_on": date(2026, 3, 2), "owner": user}
    quote = Quote(customer=customer, **(usual | fields))
    return save_quote(quote=quote, lines=[make_line(quantity_milli=2_000)] if lines is None else lines, user=user)


def make_transaction(customer: Customer | None, tenant: Tenant, **fields) -> Transaction:
    usual = {"name": "Office chair", "amount": 12_000, "currency": tenant.currency}
    return tenant.transactions.create(customer=customer, **(usual | fields))
