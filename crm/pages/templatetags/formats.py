"""Filters for values: {{ deal.amount|money:deal.currency }}, {{ at|moment }}, {{ at|ago }}."""

from django import template

from crm.pages import formats

register = template.Library()
register.filter("money", formats.money)
register.filter("short_money", formats.short_money)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("rate", formats.rate)
register.filter("quantity", formats.quantity)
register.filter("compact", formats.compact)
register.filter("day", formats.day)
register.filter("full_day", formats.full_day)
register.filter("short_day", formats.short_day)
register.filter("moment", formats.moment)
register.filter("ago", formats.ago)
