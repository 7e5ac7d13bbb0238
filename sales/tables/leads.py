from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    PersonColumn,
    RelatedColumn,
    Table,
)

from ..choices.leads import LeadStatus

STATUS_COLORS = {
    LeadStatus.NEW: "azure",
    LeadStatus.WORKING: "indigo",
    LeadStatus.QUALIFIED: "purple",
    LeadStatus.CONVERTED: "green",
    LeadStatus.DISCARDED: "gray",
}


class LeadTable(Table):
    name = LinkColumn(pgettext_lazy("of a person", "Name"), sort="name_sort", note="company")
    status = ChoiceColumn(_("Status"), colors=STATUS_COLORS)
    phone = Column(_("Phone"), css="text-nowrap gx-digits")
    email = Column(_("E-mail"), visible=False)
    source = ChoiceColumn(_("Source"))
    owner = PersonColumn(_("Owner"))
    next_contact_on = DateColumn(_("Next contact"), due=True)
    company = Column(_("Company"), visible=False)
    title = Column(_("Job title"), visible=False)
    wechat = Column(_("WeChat"), visible=False)
    industry = Column(_("Industry"), visible=False)
    website = Column(_("Website"), visible=False)
    city = Column(_("City"), visible=False)
    address = Column(_("Address"), visible=False)
    discard_reason = ChoiceColumn(_("Why discarded"), visible=False)
    customer = RelatedColumn(_("Customer"), visible=False)
    deal = RelatedColumn(_("Deal"), visible=False)
    converted_at = DateTimeColumn(_("Converted"), visible=False)
    external_id = Column(_("External number"), visible=False)
    note = Column(_("Note"), visible=False)
    created_at = DateTimeColumn(_("Created"), sort="created_at", visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"
