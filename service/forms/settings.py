from __future__ import annotations

from typing import cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.pages.forms import LineField, TenantForm, TenantModelForm
from crm.tenancy.models import Team

from ..durations import HELP, BadDuration, format_minutes, parse_minutes
from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay
from ..models.settings import HOURS_LENGTH, LONGEST_TARGET
from ..validators import validate_hours
from ..working_time import format_hours, parse_hours

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS_HELP = _("Such as 09:00-12:00, 13:00-18:00.")


class HoursField(LineField):
    """Spans of a day, kept the same way however they were typed."""

    def __init__(self, **kwargs):
        widget = forms.TextInput({"placeholder": _("day off"), "autocomplete": "off"})
        super().__init__(max_length=HOURS_LENGTH, required=False, widget=widget, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        validate_hours(text)
        return format_hours(parse_hours(text))


class DurationField(LineField):
    """Minutes of working time, written like "1h 30m"."""

    def __init__(self, **kwargs):
        widget = forms.TextInput({"placeholder": "8h", "autocomplete": "off"})
        super().__init__(max_length=40, required=False, widget=widget, **kwargs)

    def prepare_value(self, value):
        return format_minutes(value) if isinstance(value, int) else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            minutes = parse_minutes(text)
        except BadDuration as error:
            raise ValidationError(
                _("“%(text)s” is no span of time. Write it like 4h or 1h 30m."), params={"text": text}
            ) from error
        if not 0 < minutes <= LONGEST_TARGET:
            raise ValidationError(_("Promise a minute at least, and ten years at most."))
        return minutes

    def has_changed(self, initial, data):
        return format_minutes(initial) != data if isinstance(initial, int) else super().has_changed(initial, data)


class CalendarForm(TenantModelForm):
    time_zone = forms.ChoiceField(label=_("Time zone"))
    monday = HoursField(label=_("Monday"), help_text=_HOURS_HELP)
    tuesday = HoursField(label=_("Tuesday"))
    wednesday = HoursField(label=_("Wednesday"))
    thursday = HoursField(label=_("Thursday"))
    friday = HoursField(label=_("Friday"))
    saturday = HoursField(label=_("Saturday"))
    sunday = HoursField(label=_("Sunday"))

    class Meta:
        model = BusinessCalendar
        fields = ["name", "time_zone", *_DAYS]

    sections = [("", ["name", "time_zone"]), (_("Working hours"), _DAYS)]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = [(name, name) for name in sorted(available_timezones())]
        # A new calendar has an empty one of its own.
        self.initial["time_zone"] = self.initial.get("time_zone") or self.tenant.time_zone


def _calendars() -> forms.ModelChoiceField[BusinessCalendar]:
    return forms.ModelChoiceField(label=_("Business calendar"), queryset=QuerySet(BusinessCalendar).none())


class SpecialDayForm(TenantModelForm):
    calendar = _calendars()
    last_on = forms.DateField(label=_("Last day"), required=False, help_text=_("The first day, when left empty."))
    hours = HoursField(label=_("Working hours"), help_text=_("Empty for a holiday. Hours for a day that is worked."))

    class Meta:
        model = SpecialDay
        fields = ["name", "calendar", "first_on", "last_on", "hours"]

    def clean_last_on(self):
        return self.cleaned_data["last_on"] or self.cleaned_data.get("first_on")

    def clean(self):
        super().clean()
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first and last and (last - first).days > 366:
            self.add_error("last_on", _("A special day lasts a year at most. Change the week instead."))
        return self.cleaned_data


class PolicyForm(TenantModelForm):
    urgent_first_reply = DurationField(label=_("Urgent: first reply"), help_text=HELP)
    urgent_resolve = DurationField(label=_("Urgent: solution"))
    high_first_reply = DurationField(label=_("High: first reply"))
    high_resolve = DurationField(label=_("High: solution"))
    normal_first_reply = DurationField(label=_("Normal: first reply"))
    normal_resolve = DurationField(label=_("Normal: solution"))
    low_first_reply = DurationField(label=_("Low: first reply"))
    low_resolve = DurationField(label=_("Low: solution"))

    class Meta:
        model = SlaPolicy
        fields = [
            "name",
            "urgent_first_reply",
            "urgent_resolve",
            "high_first_reply",
            "high_resolve",
            "normal_first_reply",
            "normal_resolve",
            "low_first_reply",
            "low_resolve",
        ]

    sections = [("", ["name"]), (_("What is promised"), Meta.fields[1:])]


class QueueForm(TenantModelForm):
    team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        label=_("Team"), queryset=QuerySet(Team).none(), required=False, empty_label=_("Everybody")
    )
    calendar = _calendars()
    policy: forms.ModelChoiceField[SlaPolicy] = forms.ModelChoiceField(
        label=_("SLA policy"),
        queryset=QuerySet(SlaPolicy).none(),
        required=False,
        empty_label=_("Nothing is promised"),
    )
    close_after_days = forms.IntegerField(
        label=_("Closes solved tickets after (days)"),
        required=False,
        min_value=0,
        max_value=3_650,
        help_text=_("Left empty: only people close them."),
    )

    class Meta:
        model = Queue
        fields = ["name", "team", "calendar", "policy", "close_after_days", "is_default"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Which teams there are is no secret to whoever sets up their queues; the pages of teams are for administrators.
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = self.tenant.teams.order_by("path")


class SettleForm(TenantForm):
    whole = forms.BooleanField(
        label=_("Solved and closed tickets too"),
        required=False,
        help_text=_("Whether they kept what was promised is then judged by today's rules."),
    )
