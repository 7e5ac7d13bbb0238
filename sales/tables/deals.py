from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.columns import badge
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    MoneyColumn,
    PersonColumn,
    RelatedColumn,
    Table,
)

from ..choices.pipelines import DealStatus

STATUS_COLORS = {DealStatus.OPEN: "blue", DealStatus.WON: "green", DealStatus.LOST: "gray"}


class StageColumn(Column):
    """The stage, in the colour of its kind."""

    css = "text-nowrap"

    def show(self, value, row):
        return badge(value, STATUS_COLORS[row.status])


class DealTable(Table):
    name = LinkColumn(_("Name"), sort="name_sort")
    customer = RelatedColumn(_("Customer"))
    stage = StageColumn(_("Stage"), related=["stage"])
    amount = MoneyColumn(_("Amount"), sort="amount")
    owner = PersonColumn(_("Owner"))
    expected_close_on = DateColumn(_("Expected to close"), sort="expected_close_on")
    status = ChoiceColumn(_("Status"), colors=STATUS_COLORS, visible=False)
    pipeline = Column(_("Pipeline"), related=["pipeline"], visible=False)
    contact = RelatedColumn(_("Contact"), visible=False)
    product = Column(_("Product"), related=["product"], visible=False)
    opened_on = DateColumn(_("Begun on"), visible=False)
    closed_at = DateTimeColumn(_("Closed on"), sort="closed_at", visible=False)
    stage_since = DateTimeColumn(_("In this stage since"), visible=False)
    lost_reason = Column(_("Lost reason"), related=["lost_reason"], visible=False)
    lost_note = Column(_("Why it was lost"), visible=False)
    currency = Column(_("Currency"), visible=False)
    external_id = Column(_("External number"), visible=False)
    note = Column(_("Note"), visible=False)
    created_at = DateTimeColumn(_("Created"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"
