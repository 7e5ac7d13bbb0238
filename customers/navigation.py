"""Customers in the sidebar and on the first page of the day."""

from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.pages.navigation import Entry, register
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel

from .models import Activity, Contact, Customer, Tag
from .querysets import ActivityQuerySet, CustomerQuerySet

SHOWN = 8

register(
    Entry(
        "customers:customer_list",
        _("Customers"),
        icon="building",
        section="sales",
        order=10,
        needs=(Customer, "view"),
        words="customers companies kehu 客户 公司",
    ),
    Entry(
        "customers:contact_list",
        _("Contacts"),
        icon="address-book",
        section="sales",
        order=20,
        needs=(Contact, "view"),
        words="contacts people lianxiren 联系人",
    ),
    Entry(
        "customers:activity_list",
        _("Follow-ups"),
        icon="message-circle",
        section="sales",
        order=30,
        needs=(Activity, "view"),
        words="activities calls visits tasks genjin 跟进",
    ),
    Entry("customers:tag_list", _("Tags"), icon="tag", section="administration", order=60, needs=(Tag, "view")),
    Entry(
        "customers:customer_create",
        _("New customer"),
        icon="building",
        section="sales",
        order=11,
        needs=(Customer, "create"),
        places=("create",),
    ),
    Entry(
        "customers:contact_create",
        _("New contact"),
        icon="address-book",
        section="sales",
        order=21,
        needs=(Contact, "create"),
        places=("create",),
    ),
    Entry(
        "customers:activity_create",
        _("New follow-up"),
        icon="message-circle",
        section="sales",
        order=31,
        needs=(Activity, "create"),
        places=("create",),
    ),
)


def due_customers(request: MemberRequest) -> dict[str, Any] | None:
    """My own customers whose next contact is due, the longest overdue first."""
    today = timezone.localdate()
    mine = visible(request.membership, Customer).filter(owner=request.user)
    found = list(cast(CustomerQuerySet, mine).to_contact(today)[: SHOWN + 1])
    return {"customers": found[:SHOWN], "goes_on": len(found) > SHOWN, "today": today}


def open_tasks(request: MemberRequest) -> dict[str, Any] | None:
    today = timezone.localdate()
    mine = visible(request.membership, Activity).filter(author=request.user)
    found = list(
        cast(ActivityQuerySet, mine).open_tasks().select_related("customer").order_by("due_on", "id")[: SHOWN + 1]
    )
    return {
        "tasks": found[:SHOWN],
        "goes_on": len(found) > SHOWN,
        "today": today,
        "may_complete": policy_for(Activity).allows(request.membership, "complete"),
    }


def recent_customers(request: MemberRequest) -> dict[str, Any] | None:
    rows = cast(CustomerQuerySet, visible(request.membership, Customer)).for_list().order_by("-updated_at", "-id")
    policy = policy_for(Customer)
    return {
        "customers": list(rows[:SHOWN]),
        "may_create": policy.allows(request.membership, "create"),
        "may_import": policy.allows(request.membership, "import"),
    }


register_panel(
    Panel(
        "customers.due",
        _("To contact today"),
        "customers/panels/due.html",
        due_customers,
        needs=(Customer, "follow_up"),
        order=10,
        is_wide=True,
    )
)
register_panel(
    Panel(
        "customers.tasks",
        _("My tasks"),
        "customers/panels/tasks.html",
        open_tasks,
        needs=(Activity, "create"),
        order=20,
    )
)
register_panel(
    Panel(
        "customers.recent",
        _("Recently changed customers"),
        "customers/panels/recent.html",
        recent_customers,
        needs=(Customer, "view"),
        order=30,
    )
)
