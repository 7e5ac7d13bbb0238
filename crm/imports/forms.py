"""The wizard's questions. What is chosen is kept on the import as it is given; it is judged when the import starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from crm.files.uploads import UploadField
from crm.pages.forms import TenantForm
from crm.tenancy.models import Membership

from .models import Import
from .permissions import kinds_for
from .reader import MOST_COLUMNS, ReadOptions, Row
from .registry import ImportField, OnMatch
from .text import DELIMITERS, ENCODINGS

# More columns than a person can map are shown as left out, unless their heading says what they are.
MOST_SHOWN_COLUMNS = 200

DELIMITER_LABELS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical line")}


class UploadForm(TenantForm):
    kind = forms.ChoiceField(label=_("What is in the file?"))
    file = UploadField(
        label=_("File"),
        help_text=_("CSV, TSV, XLSX, XLS or ODS, with one row of headings."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, **kwargs)
        self.fields["kind"].choices = [(kind.kind, kind.label) for kind in kinds_for(membership)]  # type: ignore[attr-defined]


class ReadingForm(TenantForm):
    """How the file is read, where the guess was wrong. Empty leaves it to the file."""

    encoding = forms.ChoiceField(label=_("Text encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=_("Line of the headings"), required=False, min_value=0, help_text=_("0 when the file has none.")
    )
    header_rows = forms.IntegerField(label=_("Rows of headings"), initial=1, min_value=1, max_value=5)

    def __init__(self, *args: Any, sheets: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decide = ("", _("As the file says"))
        if sheets:
            self.fields["sheet"].choices = [(name, name) for name in sheets]  # type: ignore[attr-defined]
            del self.fields["encoding"], self.fields["delimiter"]
        else:
            self.fields["encoding"].choices = [decide, *((name, name.upper()) for name in ENCODINGS)]  # type: ignore[attr-defined]
            self.fields["delimiter"].choices = [decide, *((one, DELIMITER_LABELS[one]) for one in DELIMITERS)]  # type: ignore[attr-defined]
            del self.fields["sheet"]

    def options(self) -> ReadOptions:
        data = self.cleaned_data
        return ReadOptions(
            encoding=data.get("encoding", ""),
            delimiter=data.get("delimiter", ""),
            sheet=data.get("sheet", ""),
            header_row=data["header_row"],
            header_rows=data["header_rows"],
        )


class ColumnsForm(TenantForm):
    """One choice for each column of the file: the field it fills. `rows` are the first ones, for an example."""

    def __init__(
        self, *args: Any, run: Import, rows: Sequence[Row] = (), membership: Membership, **kwargs: Any
    ) -> None:
        self.run = run
        by_position = {position: name for name, position in run.mapping.items()}
        kwargs["initial"] = {f"column_{position}": name for position, name in by_position.items()}
        super().__init__(*args, membership=membership, **kwargs)
        choices = [("", _("Leave out")), *_field_choices(run.declaration.fields_for(membership))]
        self.positions = [
            position
            for position in range(min(len(run.columns), MOST_COLUMNS))
            if position < MOST_SHOWN_COLUMNS or position in by_position
        ]
        for position in self.positions:
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=run.columns[position],
                choices=choices,
                required=False,
                help_text=_example(rows, position),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def mapping(self) -> dict[str, int]:
        """{name of the field: position}; a field that was chosen twice keeps its first column."""
        chosen: dict[str, int] = {}
        for position in self.positions:
            if name := self.cleaned_data.get(f"column_{position}"):
                chosen.setdefault(name, position)
        return chosen

    def clean(self) -> dict[str, Any]:
        seen: dict[str, str] = {}
        labels = {one.name: one.label for one in self.run.declaration.fields}
        for position in self.positions:
            name = self.cleaned_data.get(f"column_{position}")
            if not name:
                continue
            if name in seen:
                words = _("“%(field)s” is filled by “%(column)s” already.")
                self.add_error(f"column_{position}", words % {"field": labels[name], "column": seen[name]})
            seen.setdefault(name, self.run.columns[position])
        return self.cleaned_data


def _example(rows: Sequence[Row], position: int) -> str:
    value = next((row.cells[position] for row in rows if row.cells[position].strip()), "")
    return Truncator(value).chars(60)


def _field_choices(fields: Sequence[ImportField]) -> list[tuple[str, object]]:
    return [(one.name, f"{one.label} *" if one.required else one.label) for one in fields]


class OptionsForm(TenantForm):
    match_key = forms.ChoiceField(
        label=_("Recognise known records by"),
        required=False,
        help_text=_("A row with the same value as a record means this record."),
    )
    on_match = forms.ChoiceField(label=_("When a record is known"), choices=OnMatch.choices, widget=forms.RadioSelect)
    month_first = forms.TypedChoiceField(
        label=_("Read 03/04/2026 as"),
        choices=[("", _("3 April")), ("1", _("4 March"))],
        coerce=bool,
        empty_value=False,  # type: ignore[arg-type]  # Django takes what `coerce` gives
        required=False,
    )
    own = forms.TypedChoiceField(
        label=_("New records belong to"),
        choices=[("1", _("Me, unless the file says who")), ("", _("Nobody, unless the file says who"))],
        coerce=bool,
        empty_value=False,  # type: ignore[arg-type]  # Django takes what `coerce` gives
        required=False,
    )

    def __init__(self, *args: Any, run: Import, membership: Membership, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "match_key": run.match_key,
            "on_match": run.on_match,
            "month_first": "1" if run.month_first else "",
            "own": "1" if run.own else "",
        }
        super().__init__(*args, membership=membership, **kwargs)
        kind = run.declaration
        filled = {kind.field(name).fills for name in run.mapping}
        keys = [(key.name, key.label) for key in kind.keys if {*key.fields} <= filled]
        self.fields["match_key"].choices = [("", _("Nothing: every row is new")), *keys]  # type: ignore[attr-defined]
        if not kind.may_update(membership):
            allowed = [choice for choice in OnMatch.choices if choice[0] != OnMatch.UPDATE]
            self.fields["on_match"].choices = allowed  # type: ignore[attr-defined]
        if not kind.owner:
            del self.fields["own"]
