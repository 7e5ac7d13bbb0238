from __future__ import annotations

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.i18n.labels import labelled
from crm.pages import formats
from crm.pages.columns import EMPTY, ChoiceColumn, Column, LinkColumn, PersonColumn
from crm.pages.tables import Table

from .choices import Action
from .words import Change, address_of, changes_in_words, record_label

ACTION_COLORS = {
    Action.INSERT: "green",
    Action.UPDATE: "blue",
    Action.DELETE: "red",
    Action.IMPORT: "purple",
    Action.BULK: "purple",
    Action.LOGIN: "gray",
    Action.LOGIN_REFUSED: "orange",
    Action.EXPORT: "azure",
}
_MOST_CHANGES = 3
_LONGEST_VALUE = 60


class MomentColumn(LinkColumn):
    """To the minute, because here the order of things matters."""

    css = "text-nowrap"

    def show(self, value, row):
        text = escape(formats.moment(value))
        return f'<a href="{escape(row.get_absolute_url())}"><time datetime="{value.isoformat()}">{text}</time></a>'


class ActorColumn(PersonColumn):
    def html(self, row):
        return super().html(row) if row.actor_id else f'<span class="gx-muted">{escape(_("The system"))}</span>'

    def export(self, row):
        return str(row.actor) if row.actor_id else _("The system")


class RecordColumn(Column):
    def value(self, row):
        return record_label(row)

    def show(self, value, row):
        address = address_of(row)
        return f'<a href="{escape(address)}">{escape(value)}</a>' if address else escape(value)


class ChangesColumn(Column):
    """The first few fields from → to. `row.people` names the persons among the values (AuditList)."""

    def value(self, row):
        return changes_in_words(row, row.people)

    def html(self, row):
        changes = self.value(row)
        if not changes:
            return EMPTY
        lines = [change_html(change) for change in changes[:_MOST_CHANGES]]
        rest = len(changes) - _MOST_CHANGES
        if rest > 0:
            more = ngettext("%(count)d more field", "%(count)d more fields", rest) % {"count": rest}
            lines.append(f'<a class="gx-note" href="{escape(row.get_absolute_url())}">{escape(more)}</a>')
        return f'<div class="gx-text">{"<br>".join(lines)}</div>'

    def export(self, row):
        return "; ".join(labelled(change.label, f"{change.before} → {change.after}") for change in self.value(row))


def change_html(change: Change) -> str:
    before = f"<del>{escape(_shortened(change.before))}</del> → " if change.before else ""
    return escape(labelled(change.label, "")) + f"{before}{escape(_shortened(change.after)) or EMPTY}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


class AuditTable(Table):
    at = MomentColumn(gettext_lazy("When"), sort="at")
    actor = ActorColumn(gettext_lazy("Who"))
    action = ChoiceColumn(gettext_lazy("Action"), colors=ACTION_COLORS)
    record = RecordColumn(gettext_lazy("Record"))
    changes = ChangesColumn(gettext_lazy("From → to"))
    request_id = Column(gettext_lazy("Request"), visible=False)

    default_sort = "-at"
