"""The month's sales: revenue by day, product, city and person, customers, pipeline, and what was won and lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.roles import Role
from customers.models import Customer
from sales.models import Deal, Transaction

from ...asking import Asked
from ...content import Document, Section
from ...parameters import MonthField, ReportForm
from ...registry import Report, register
from . import closing, customers, method, revenue
from .sales import Sales


class MonthlySalesForm(ReportForm):
    month = MonthField(label=gettext_lazy("Month"))


def build(asked: Asked) -> Document:
    sales = Sales(asked, asked.period())
    chapters: Sequence[tuple[str, Callable[[Sales], Section]]] = (
        (_("Summary"), revenue.summary),
        (_("Revenue by day"), revenue.by_day),
        (_("Products"), revenue.products),
        (_("Cities"), revenue.cities),
        (_("People"), revenue.people_of_sales),
        (_("Customers"), customers.customers),
        (_("New customers"), customers.new_customers),
        (_("Single purchases"), customers.single_purchases),
        (_("Pipeline"), closing.pipelines),
        (_("Won and lost deals"), closing.closed_deals),
        (_("How this was counted"), method.method),
    )
    sections = []
    for done, (words, chapter) in enumerate(chapters):
        asked.say(done, len(chapters), words)
        sections.append(chapter(sales))
    return Document(
        title=str(REPORT),
        subtitle=str(sales.month),
        about=asked.about(Transaction, (_("Month"), str(sales.month)), (_("Currency"), asked.currency)),
        sections=[section for section in sections if section.blocks],
    )


REPORT = register(
    Report(
        key="monthly_sales",
        title=gettext_lazy("Monthly sales"),
        text=gettext_lazy(
            "Revenue of a month by day, product, city, person and customer; deals won and lost; new customers."
        ),
        icon="report-money",
        form=MonthlySalesForm,
        build=build,
        roles=frozenset({Role.ADMIN, Role.SALES_MANAGER, Role.SALES, Role.ANALYST}),
        needs=((Transaction, "view"), (Deal, "view"), (Customer, "view")),
    )
)
