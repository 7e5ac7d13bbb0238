"""What the first page says to whoever looks over others' work: this month, in a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from crm.access.roles import Role
from crm.pages import formats
from crm.pages.request import MemberRequest
from crm.tenancy.models import Membership

from . import facts
from .dashboard import Figure
from .facts import By, Months, tenant_today
from .facts.deals import win_rate
from .permissions import LOOKING_OVER, may_see_dashboard

SELLING = (Role.ADMIN, Role.SALES_MANAGER, Role.ANALYST)
SERVING = (Role.ADMIN, Role.SUPPORT_LEAD, Role.ANALYST)
MARKETING = (Role.ADMIN, Role.MARKETER, Role.ANALYST)


def wants_figures(request: MemberRequest) -> bool:
    return request.membership.has_role(*LOOKING_OVER, Role.MARKETER)


def this_month(request: MemberRequest) -> dict[str, Any] | None:
    """What belongs to the person's own work, one statement for each of at most four subjects."""
    member = request.membership
    months = Months.up_to(tenant_today(request.tenant), 1)
    figures = [
        *_customers(member, months),
        *(_deals(member, months) if member.has_role(*SELLING) else ()),
        *(_tickets(member, months) if member.has_role(*SERVING) else ()),
        *(_results(member, months) if member.has_role(*MARKETING) else ()),
    ]
    return {"figures": figures, "may_see_dashboard": may_see_dashboard(member)} if figures else None


def _customers(member: Membership, months: Months) -> Iterator[Figure]:
    for one in facts.new_customers_by_month(member, months) or ():
        yield Figure(_("New customers"), formats.number(one.count))


def _deals(member: Membership, months: Months) -> Iterator[Figure]:
    currency = member.tenant.currency
    for one in facts.closed_by_month(member, months, currency) or ():
        yield Figure(_("Deals won"), formats.number(one.won_count), formats.short_money(one.won_amount, currency))
        rate = win_rate(one.won_count, one.lost_count)
        lost = _("%(count)s lost") % {"count": formats.number(one.lost_count)}
        yield Figure(_("Win rate"), "–" if rate is None else formats.percent(rate), lost)


def _tickets(member: Membership, months: Months) -> Iterator[Figure]:
    for one in facts.tickets_over_time(member, months, By.MONTH) or ():
        solved = _("%(count)s solved") % {"count": formats.number(one.solved_count)}
        yield Figure(_("New tickets"), formats.number(one.opened_count), solved)
        if one.opened_count:
            missed = _("%(count)s missed") % {"count": formats.number(one.missed_count)}
            yield Figure(_("Targets kept"), formats.percent(one.kept_count / one.opened_count), missed)


def _results(member: Membership, months: Months) -> Iterator[Figure]:
    for one in facts.results_by_month(member, months) or ():
        number = one.success_count + one.failure_count
        if number:
            good = _("%(share)s successful") % {"share": formats.percent(one.success_count / number)}
            yield Figure(_("Campaign results"), formats.number(number), good)
