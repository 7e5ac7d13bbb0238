from django.db.models import Prefetch
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
    TagsColumn,
    YesNoColumn,
)

from .choices import ActivityKind, CustomerLevel, CustomerStage, TagColor
from .models import CustomerTag

STAGE_COLORS = {
    CustomerStage.PROSPECT: "azure",
    CustomerStage.ENGAGED: "indigo",
    CustomerStage.ACTIVE: "green",
    CustomerStage.LAPSED: "orange",
    CustomerStage.LOST: "gray",
}
LEVEL_COLORS = {CustomerLevel.KEY: "purple", CustomerLevel.REGULAR: "blue", CustomerLevel.SMALL: "gray"}
ACTIVITY_COLORS = {
    ActivityKind.CALL: "blue",
    ActivityKind.VISIT: "green",
    ActivityKind.MEETING: "purple",
    ActivityKind.EMAIL: "azure",
    ActivityKind.NOTE: "gray",
    ActivityKind.TASK: "orange",
}


def links_with_tags() -> Prefetch:
    """One statement for the tags of all rows, kept as lists: a manager for each row costs more than the row."""
    return Prefetch("tag_links", CustomerTag.objects.select_related("tag"), to_attr="links_with_tags")


def tags_of(customer):
    """Of a customer that was read with `links_with_tags`."""
    return sorted((link.tag for link in customer.links_with_tags), key=lambda tag: tag.name)


class CustomerTable(Table):
    name = LinkColumn(_("Name"), sort="name_sort", note="city")
    stage = ChoiceColumn(_("Stage"), colors=STAGE_COLORS)
    level = ChoiceColumn(_("Level"), colors=LEVEL_COLORS, visible=False)
    tags = TagsColumn(_("Tags"), accessor=tags_of, prefetch=[links_with_tags])
    phone = Column(_("Phone"), css="text-nowrap gx-digits")
    email = Column(_("E-mail"), visible=False)
    owner = PersonColumn(_("Owner"))
    next_contact_on = DateColumn(_("Next contact"), due=True)
    last_contact_at = DateTimeColumn(_("Last contact"), visible=False)
    kind = ChoiceColumn(_("Kind"), visible=False)
    external_id = Column(_("External number"), visible=False)
    source = ChoiceColumn(_("Source"), visible=False)
    industry = Column(_("Industry"), visible=False)
    website = Column(_("Website"), visible=False)
    city = Column(_("City"), visible=False)
    address = Column(_("Address"), visible=False)
    note = Column(_("Note"), visible=False)
    created_at = DateTimeColumn(_("Created"), sort="created_at", visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"


class ContactTable(Table):
    name = LinkColumn(pgettext_lazy("of a person", "Name"), sort="name_sort", note="title")
    customer = RelatedColumn(_("Customer"))
    phone = Column(_("Phone"), css="text-nowrap gx-digits")
    email = Column(_("E-mail"))
    department = Column(_("Department"), visible=False)
    title = Column(_("Job title"), visible=False)
    wechat = Column(_("WeChat"), visible=False)
    is_primary = YesNoColumn(_("Main contact"))
    note = Column(_("Note"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"


class ActivityTable(Table):
    text = LinkColumn(_("What happened"), url=lambda activity: activity.get_absolute_url())
    kind = ChoiceColumn(_("Kind"), colors=ACTIVITY_COLORS)
    customer = RelatedColumn(_("Customer"))
    contact = RelatedColumn(_("Contact"), visible=False)
    author = PersonColumn(_("Author"))
    at = DateTimeColumn(_("When"), sort="at")
    due_on = DateColumn(_("Due"), visible=False)
    done_at = DateTimeColumn(_("Done"), visible=False)
    next_contact_on = DateColumn(_("Next contact"), visible=False)

    default_sort = "-at"


class TagTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    color = ChoiceColumn(_("Colour"), colors={color: color for color in TagColor})

    default_sort = "name"
