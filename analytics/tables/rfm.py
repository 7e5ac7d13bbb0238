from django.utils.translation import gettext_lazy as _

from crm.pages.tables import ChoiceColumn, Column, DateColumn, LinkColumn, MoneyColumn, NumberColumn, Table

from ..choices.rfm import RfmSegment

SEGMENT_COLORS = {
    RfmSegment.CHAMPIONS: "green",
    RfmSegment.PROMISING: "azure",
    RfmSegment.SLIPPING: "orange",
    RfmSegment.WIN_BACK: "red",
    RfmSegment.LOYAL: "blue",
    RfmSegment.NEWCOMERS: "cyan",
    RfmSegment.COOLING: "yellow",
    RfmSegment.DORMANT: "gray",
}


def _page_of(row):
    return row.customer.get_absolute_url()


def _days_since(row):
    """Of a row that was read `with_day()`."""
    return (row.as_of - row.last_on).days if row.as_of else None


class CustomerRfmTable(Table):
    customer = LinkColumn(
        _("Customer"), accessor="customer.name", url=_page_of, note="customer.city", related=["customer"]
    )
    segment = ChoiceColumn(_("RFM segment"), colors=SEGMENT_COLORS)
    scores = Column(_("R-F-M"), css="text-nowrap gx-digits")
    total_amount = MoneyColumn(_("Total"), sort="total_amount")
    average_amount = MoneyColumn(_("Average"))
    highest_amount = MoneyColumn(_("Highest"))
    lowest_amount = MoneyColumn(_("Lowest"))
    purchase_count = NumberColumn(_("Purchases"), sort="purchase_count")
    last_on = DateColumn(_("Last purchase"), sort="last_on")
    first_on = DateColumn(_("First purchase"), visible=False)
    recency = NumberColumn(_("Days since"), accessor=_days_since, visible=False)
    r_score = NumberColumn(_("Recency"), visible=False)
    f_score = NumberColumn(_("Frequency"), visible=False)
    m_score = NumberColumn(_("Money"), visible=False)
    currency = Column(_("Currency"), visible=False)

    default_sort = "-total_amount"
