"""What a person says to get a report once, and to get it again and again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.pages.forms import TenantModelForm

from ..models import Schedule
from ..operations.schedules import readers_of
from ..reports.choices import ReportFormat
from ..reports.parameters import ReportForm
from ..reports.registry import Report

# Before the parameters of a report, whose names could be those of fields of the schedule.
PREFIX = "p_"


@lru_cache(maxsize=64)
def run_form(report: Report) -> type[ReportForm]:
    """The report's parameters, and what file is wanted."""
    more = {
        "format": forms.ChoiceField(label=_("Format"), choices=ReportFormat.choices, initial=ReportFormat.PDF),
        "language": forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial=get_language),
    }
    form_class: Any = type(report.form)
    return cast(type[ReportForm], form_class("RunForm", (report.form,), more))


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: Any = None):
        super().__init__(attrs, format="%H:%M")


class ScheduleForm(TenantModelForm):
    """`schedule_form` adds the parameters of a report."""

    of_report: ClassVar[Report | None] = None

    report = forms.CharField(widget=forms.HiddenInput, required=False)
    at_time = forms.TimeField(label=_("Time"), widget=TimeInput, help_text=_("Of the company's time zone."))
    recipients = forms.MultipleChoiceField(
        label=_("Recipients"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each gets the report by mail in their own language, with what they may see themselves."),
    )

    class Meta:
        model = Schedule
        fields = ["name", "format", "rhythm", "weekday", "day_of_month", "at_time", "is_active"]
        help_texts = {
            "weekday": _("For “every week”."),
            "day_of_month": _("For “every month”: 1 to 28."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        report = self.of_report
        if report is None:
            return
        self.fields["report"].initial = self.initial["report"] = report.key
        if self.instance.pk:
            kept = self.instance.parameters if isinstance(self.instance.parameters, dict) else {}
            self.initial.update({f"{PREFIX}{name}": value for name, value in kept.items()})
            self.initial["recipients"] = [str(one) for one in self._present()]
        else:
            self.initial.setdefault("recipients", [str(self.membership.user_id)])
            self.initial.setdefault("at_time", Schedule._meta.get_field("at_time").get_default())
        # Who gets it already stays a choice, though they may see it no more: taking them off is what they are for.
        people = {one.user_id: str(one.user) for one in readers_of(report, self.tenant)}
        for one in self.instance.recipients.select_related("user") if self.instance.pk else ():
            people.setdefault(one.user_id, str(one.user))
        cast(forms.MultipleChoiceField, self.fields["recipients"]).choices = [
            (str(user_id), name) for user_id, name in people.items()
        ]

    def _present(self) -> list[int]:
        return list(self.instance.recipients.order_by("pk").values_list("user_id", flat=True))

    @property
    def sections(self) -> Any:  # type: ignore[override]  # the parameters differ with the report
        parameters = [name for name in self.fields if name.startswith(PREFIX)]
        return [
            ("", ["name", *parameters, "format"]),
            (_("When"), ["rhythm", "weekday", "day_of_month", "at_time", "is_active"]),
            (_("Who gets it"), ["recipients"]),
        ]

    def parameters(self) -> dict[str, str]:
        assert self.of_report is not None
        cleaned = {name: self.cleaned_data.get(f"{PREFIX}{name}") for name in self.of_report.form.base_fields}
        return self.of_report.form.kept(cleaned)


@lru_cache(maxsize=64)
def schedule_form(report: Report) -> type[ScheduleForm]:
    parameters = {f"{PREFIX}{name}": field for name, field in report.form.base_fields.items()}
    form_class: Any = type(ScheduleForm)
    return cast(type[ScheduleForm], form_class("ScheduleForm", (ScheduleForm,), {"of_report": report, **parameters}))
