"""Small tags for templates that need no component of their own: they stand in loops."""

from __future__ import annotations

from datetime import datetime

from django import forms, template
from django.urls import NoReverseMatch
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from crm.pages import columns, formats, icons
from crm.tenancy.urls import platform_reverse

# Characters of a line that wants the whole width, such as a postal address.
_LONG_LINE = 300

register = template.Library()
register.simple_tag(icons.icon, name="icon")
register.simple_tag(columns.avatar, name="avatar")
register.simple_tag(columns.badge, name="badge")


@register.filter
def is_checkbox(bound: forms.BoundField) -> bool:
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.filter
def is_group(bound: forms.BoundField) -> bool:
    """Several inputs under one question: they need a fieldset and a legend instead of a label."""
    return bool(bound.use_fieldset)


@register.filter
def is_wide(bound: forms.BoundField) -> bool:
    """Takes the whole width of a form: long text, and several choices."""
    if isinstance(bound.field.widget, forms.Textarea | forms.CheckboxSelectMultiple | forms.SelectMultiple):
        return True
    return type(bound.field) is forms.CharField and (bound.field.max_length or 0) >= _LONG_LINE


@register.simple_tag
def when(value: datetime | None) -> SafeString:
    """A moment as "3 hours ago"; the exact one when pointed at. A script keeps it going."""
    if value is None:
        return mark_safe("")
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        value.isoformat(),
        formats.moment(value),
        formats.ago(value),
    )


@register.simple_tag
def input_of(bound: forms.BoundField) -> SafeString:
    """The input of a field, marked when it was refused and tied to its help and errors."""
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    attrs: dict[str, str | bool] = {}
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        widget = bound.field.widget
        # What is given to a widget of several inputs takes the place of what each of them has.
        dressed = widget.widgets[0] if isinstance(widget, forms.MultiWidget) else widget
        attrs["class"] = f"{dressed.attrs.get('class', '')} is-invalid".strip()
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return bound.as_widget(attrs=attrs)


@register.simple_tag
def platform_link(name: str) -> str:
    """The address of a platform page, or "" in an installation without it."""
    try:
        return platform_reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag
def hidden(name: str, value: object) -> SafeString:
    return mark_safe(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">')
