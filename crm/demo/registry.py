"""What the demo consists of. An app adds its kinds in its `demo` module, by a function that fills one tenant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

from crm.access.roles import Role
from crm.accounts.models import User
from crm.tenancy.models import Tenant


@dataclass(frozen=True)
class DemoTenant:
    """`people` are the demo's members by the first part of their address (sales, sales2, …); `now` dates everything."""

    tenant: Tenant
    people: Mapping[str, User]
    now: datetime
    customers: int
    say: Callable[[str], None]

    @property
    def is_chinese(self) -> bool:
        return self.tenant.language == "zh-hans"

    @property
    def seed(self) -> str:
        return f"guanxi {self.tenant.slug}"

    def person(self, role: Role) -> User:
        return self.people[role.value.replace("_", "-")]


Fill = Callable[[DemoTenant], None]
_fills: list[Fill] = []


def demo(fill: Fill) -> Fill:
    """Decorator. Called outside a transaction, in the tenant; adds what is missing and leaves the rest alone."""
    _fills.append(fill)
    return fill


def fills() -> list[Fill]:
    autodiscover_modules("demo")
    return _fills
