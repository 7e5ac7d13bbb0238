from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.tables import Column, DateColumn, LinkColumn, NumberColumn, RelatedColumn, Table, YesNoColumn

from ..durations import in_words


class DurationColumn(NumberColumn):
    """Minutes of working time, in words."""

    align = ""

    def show(self, value, row):
        return in_words(value)


class QueueTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    team = Column(_("Team"), related=["team"])
    calendar = RelatedColumn(_("Business calendar"))
    policy = RelatedColumn(_("SLA policy"))
    is_default = YesNoColumn(_("Takes tickets without a queue"))
    close_after_days = NumberColumn(_("Closes solved tickets after (days)"))

    default_sort = "name"


class CalendarTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    time_zone = Column(_("Time zone"))
    monday = Column(_("Monday"))
    tuesday = Column(_("Tuesday"), visible=False)
    wednesday = Column(_("Wednesday"), visible=False)
    thursday = Column(_("Thursday"), visible=False)
    friday = Column(_("Friday"))
    saturday = Column(_("Saturday"))
    sunday = Column(_("Sunday"))

    default_sort = "name"


class SpecialDayTable(Table):
    name = LinkColumn(_("Name"))
    calendar = RelatedColumn(_("Business calendar"))
    first_on = DateColumn(_("First day"), sort="first_on")
    last_on = DateColumn(_("Last day"))
    hours = Column(_("Working hours"))

    default_sort = "-first_on"


class PolicyTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    urgent_first_reply = DurationColumn(_("Urgent: first reply"))
    urgent_resolve = DurationColumn(_("Urgent: solution"))
    high_first_reply = DurationColumn(_("High: first reply"), visible=False)
    high_resolve = DurationColumn(_("High: solution"), visible=False)
    normal_first_reply = DurationColumn(_("Normal: first reply"))
    normal_resolve = DurationColumn(_("Normal: solution"))
    low_first_reply = DurationColumn(_("Low: first reply"), visible=False)
    low_resolve = DurationColumn(_("Low: solution"), visible=False)

    default_sort = "name"
