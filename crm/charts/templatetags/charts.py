"""{% load charts %}{% chart one %}: a chart with the same as a table; {% chart_files %} in the page's head."""

from __future__ import annotations

from typing import Any

from django import template

from crm.charts import Chart, chart_spec

register = template.Library()


@register.inclusion_tag("charts/chart.html")
def chart(one: Chart) -> dict[str, Any]:
    is_empty = one.is_empty
    return {"chart": one, "is_empty": is_empty, "spec": {} if is_empty else chart_spec(one)}


@register.inclusion_tag("charts/files.html")
def chart_files() -> dict[str, Any]:
    return {}
