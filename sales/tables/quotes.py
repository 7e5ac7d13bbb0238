from django.utils.translation import gettext_lazy as _

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
    YesNoColumn,
)

from ..choices.quotes import QuoteStatus
from .columns import RateColumn

STATUS_COLORS = {
    QuoteStatus.DRAFT: "gray",
    QuoteStatus.SENT: "blue",
    QuoteStatus.ACCEPTED: "green",
    QuoteStatus.DECLINED: "red",
    QuoteStatus.EXPIRED: "orange",
    QuoteStatus.REPLACED: "gray",
}


class ExpiryColumn(DateColumn):
    """A day that has passed is late only for what waits for an answer."""

    def __init__(self, label, **options):
        super().__init__(label, **options)
        self._waiting = DateColumn(label, due=True)

    def show(self, value, row):
        return self._waiting.show(value, row) if row.status == QuoteStatus.SENT else super().show(value, row)


class QuoteTable(Table):
    number = LinkColumn(_("Number"), note="title", css="gx-name gx-digits")
    customer = RelatedColumn(_("Customer"))
    status = ChoiceColumn(_("Status"), colors=STATUS_COLORS)
    total_amount = MoneyColumn(_("Total"), sort="total_amount")
    owner = PersonColumn(_("Owner"))
    issued_on = DateColumn(_("Date"), sort="issued_on")
    expires_on = ExpiryColumn(_("Valid until"))
    title = Column(_("Subject"), visible=False)
    contact = RelatedColumn(_("Contact"), visible=False)
    deal = RelatedColumn(_("Deal"), visible=False)
    net_amount = MoneyColumn(_("Before tax"), visible=False)
    tax_amount = MoneyColumn(_("Tax"), visible=False)
    discount_bp = RateColumn(_("Discount in %"), visible=False)
    discount_amount = MoneyColumn(_("Discount as an amount"), visible=False)
    is_tax_included = YesNoColumn(_("Prices include tax"), visible=False)
    currency = Column(_("Currency"), visible=False)
    language = ChoiceColumn(_("Language"), visible=False)
    sent_at = DateTimeColumn(_("Sent"), visible=False)
    sent_to = Column(_("Sent to"), visible=False)
    decided_at = DateTimeColumn(_("Answered"), visible=False)
    decision_note = Column(_("What the customer said"), visible=False)
    note = Column(_("Internal note"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at", visible=False)

    default_sort = "-updated_at"
