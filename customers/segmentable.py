"""What segments may ask of a customer."""

from django.utils.translation import gettext_lazy as _

from crm.segmentable import (
    ChoiceTrait,
    DayTrait,
    FilledTrait,
    MemberTrait,
    RecordTrait,
    TextTrait,
    of,
    register,
)

from .choices import ActivityKind, CustomerKind, CustomerLevel, CustomerSource, CustomerStage
from .models import Activity, CustomerTag, Tag

CONTACT = _("Contact with them")

register(
    ChoiceTrait("customers.stage", _("Stage"), "stage", CustomerStage.choices),
    ChoiceTrait("customers.level", _("Level"), "level", CustomerLevel.choices),
    ChoiceTrait("customers.kind", _("Kind"), "kind", CustomerKind.choices),
    RecordTrait("customers.tag", _("Tag"), "tag", Tag, through=of(CustomerTag)),
    TextTrait("customers.city", _("City"), "city"),
    TextTrait("customers.industry", _("Industry"), "industry"),
    ChoiceTrait("customers.source", _("Source"), "source", CustomerSource.choices),
    MemberTrait("customers.owner", _("Owner"), "owner"),
    DayTrait("customers.created", _("Created"), "created_at", is_moment=True, is_always=True),
    FilledTrait("customers.email", _("E-mail"), "email"),
    FilledTrait("customers.phone", _("Phone"), "phone"),
    DayTrait("customers.last_contact", _("Last contact"), "last_contact_at", is_moment=True, group=CONTACT),
    DayTrait("customers.next_contact", _("Next contact"), "next_contact_on", group=CONTACT),
    *(
        DayTrait(
            f"customers.{kind}",
            label,
            "at",
            is_moment=True,
            group=CONTACT,
            through=of(Activity, kind=kind),
        )
        for kind, label in (
            (ActivityKind.CALL, _("A call")),
            (ActivityKind.VISIT, _("A visit")),
            (ActivityKind.MEETING, _("A meeting")),
        )
    ),
)
