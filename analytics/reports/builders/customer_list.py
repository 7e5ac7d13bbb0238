"""The customers that one sees, counted and listed. Paper bears the first of them; files have all."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.roles import Role
from crm.accounts.models import User
from crm.exports.operations import listing_for
from crm.exports.rows import export_rows
from crm.pages import formats
from crm.pages.counts import exact_count
from crm.pages.forms import MemberField
from crm.pages.listing import Listing
from customers.choices import CustomerLevel, CustomerStage
from customers.models import Customer

from ..asking import Asked
from ..content import Block, Column, Document, Figure, Figures, Kind, Section, Table
from ..parameters import ReportForm
from ..pictures import ranking
from ..registry import Report, register
from .purchases import people

# Thirty to a page. What is longer nobody reads on paper.
MOST_ON_PAPER = 600
MOST_OWNERS = 30

COLUMNS = (
    "name",
    "stage",
    "level",
    "city",
    "phone",
    "email",
    "owner",
    "next_contact_on",
    "last_contact_at",
    "created_at",
)
ON_PAPER = ("name", "stage", "city", "phone", "owner", "next_contact_on")


class CustomerListForm(ReportForm):
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=[("", gettext_lazy("Any")), *CustomerStage.choices], required=False
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Level"), choices=[("", gettext_lazy("Any")), *CustomerLevel.choices], required=False
    )
    owner = MemberField(label=gettext_lazy("Owner"), queryset=QuerySet(User).none(), required=False)
    city = forms.CharField(label=gettext_lazy("City begins with"), max_length=80, required=False)


def build(asked: Asked) -> Document:
    # The filters of the list are named like the parameters.
    query = urlencode(CustomerListForm.kept(asked.values))
    listing = listing_for(asked.membership, "customers", query, COLUMNS)
    total = exact_count(listing.rows).number
    asked.say(0, max(total, 1), _("Counting"))
    return Document(
        title=str(REPORT),
        subtitle=formats.day(asked.today),
        about=asked.about(
            Customer,
            *((str(chip.label), chip.value) for chip, _address in listing.chips),
            (_("As it stands"), formats.moment(asked.now)),
        ),
        sections=[_counted(listing, total), _listed(listing, total)],
        main=_("Customers"),
    )


def _counted(listing: Listing, total: int) -> Section:
    rows = listing.rows.order_by()
    count = Column(_("Customers"), Kind.NUMBER)
    stages = dict(rows.values_list("stage").annotate(n=Count("pk")))
    owners = sorted(rows.values_list("owner_id").annotate(n=Count("pk")), key=lambda pair: -pair[1])
    names = people(owner for owner, _n in owners[:MOST_OWNERS])
    blocks: list[Block] = [Figures([Figure(_("Customers"), total)])]
    if total:
        by_stage = [(str(label), stages.get(stage, 0)) for stage, label in CustomerStage.choices]
        blocks += [
            ranking(_("By stage"), by_stage, count),
            Table(
                _("By person"),
                [Column(_("Owner")), count, Column(_("Share"), Kind.SHARE)],
                [[names.get(owner or 0, _("Nobody")), n, n / total] for owner, n in owners[:MOST_OWNERS]],
            ),
        ]
    return Section(_("Summary"), blocks)


def _listed(listing: Listing, total: int) -> Section:
    title = _("Customers")
    shown = listing.rows.order_by(*listing.order).select_related("owner")[:MOST_ON_PAPER]
    columns = [listing.table.columns[key] for key in ON_PAPER]
    rows = [[column.export(customer) for column in columns] for customer in shown]
    left_out = total - len(rows)
    return Section(
        title,
        [
            Table(
                title,
                [Column(str(column.label)) for column in columns],
                rows,
                note=_("%(count)s more are in the file for Excel and in the CSV.") % {"count": formats.number(left_out)}
                if left_out > 0
                else "",
                in_files=lambda: Table(
                    title, [Column(str(column.label)) for column in listing.table.shown], export_rows(listing)
                ),
            )
        ],
        on_next_page=True,
    )


REPORT = register(
    Report(
        key="customer_list",
        title=gettext_lazy("Customer list"),
        text=gettext_lazy(
            "The customers you see, counted by stage and person and listed; all of them in a spreadsheet."
        ),
        icon="list-details",
        form=CustomerListForm,
        build=build,
        roles=frozenset({Role.ADMIN, Role.SALES_MANAGER, Role.ANALYST, Role.MARKETER}),
        # It is an export by another name.
        needs=((Customer, "export"),),
        lists=Customer,
    )
)
