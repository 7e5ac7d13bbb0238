"""Columns for what is kept as whole numbers and is no money."""

from decimal import Decimal

from crm.pages import formats
from crm.pages.columns import escape
from crm.pages.tables import NumberColumn


class QuantityColumn(NumberColumn):
    """Thousandths."""

    def show(self, value, row):
        return escape(formats.quantity(value))

    def export(self, row):
        value = self.value(row)
        return None if value is None else Decimal(value).scaleb(-3)


class RateColumn(NumberColumn):
    """Basis points."""

    def show(self, value, row):
        return escape(formats.rate(value))

    def export(self, row):
        """In percent, as it is typed and imported."""
        value = self.value(row)
        return None if value is None else Decimal(value).scaleb(-2)
