"""The demo's tenants, teams and logins, as PRODUCT.md names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth import get_user_model

from crm.access.roles import Role
from crm.accounts.models import User
from crm.tenancy.models import Membership, Team, Tenant
from crm.tenancy.operations import add_member, create_tenant

PASSWORD = "guanxi-demo-2026"  # noqa: S105  # printed by the demo, and the demo only runs where it is meant to
OPERATOR = "operator@guanxi.example"


@dataclass(frozen=True)
class Teams:
    sales: str
    first: str
    second: str
    support: str
    marketing: str


@dataclass(frozen=True)
class Company:
    name: str
    language: str
    currency: str
    time_zone: str


COMPANIES = {
    "acme": Company("Acme Trading", "en", "USD", "America/New_York"),
    "huaxing": Company("华星贸易", "zh-hans", "CNY", "Asia/Shanghai"),
}
_TEAMS = {
    "en": Teams("Sales", "Sales East", "Sales West", "Support", "Marketing"),
    "zh-hans": Teams("销售部", "销售一部", "销售二部", "客户服务部", "市场部"),
}
# The first part of the address, then the name in English and in Chinese.
_PEOPLE = {
    "admin": ("Alice Morgan", "安丽"),
    "sales-manager": ("Martin Hughes", "马建国"),
    "sales": ("Sarah Collins", "肖雨桐"),
    "sales2": ("Tom Becker", "唐伟"),
    "support-lead": ("Linda Ross", "林慧"),
    "support": ("Simon Price", "石磊"),
    "marketer": ("Maya Bennett", "梅欣"),
    "analyst": ("Anna Foster", "安然"),
    "reader": ("Rachel Gray", "任静"),
}
_IN_BOTH = "both@guanxi.example"


def create_company(slug: str) -> Tenant:
    """The demo's tenant of this name, or one that exists already under another."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        company = COMPANIES[slug]
        tenant = create_tenant(
            slug=slug,
            name=company.name,
            language=company.language,
            currency=company.currency,
            time_zone=company.time_zone,
        )
    return tenant


def create_people(tenant: Tenant) -> Mapping[str, User]:
    """Members by the first part of their address; who is a member already keeps roles and password."""
    chinese = tenant.language == "zh-hans"
    teams = _create_teams(tenant, _TEAMS["zh-hans" if chinese else "en"])
    people = {
        login: _join(tenant, f"{login}@{tenant.slug}.example", names[chinese], _role(login), teams.get(login))
        for login, names in _PEOPLE.items()
    }
    if tenant.slug in COMPANIES:
        people["both"] = _join(tenant, _IN_BOTH, "Jun Lin 林俊", Role.SALES_MANAGER, teams["sales-manager"])
    return people


def create_operator() -> None:
    users = get_user_model().objects
    if not users.filter(email=OPERATOR).exists():
        users.create_superuser(OPERATOR, PASSWORD, name="Olivia Operator", language="en")


def _role(login: str) -> Role:
    return Role.SALES if login == "sales2" else Role(login.replace("-", "_"))


def _create_teams(tenant: Tenant, names: Teams) -> dict[str, Team]:
    """Teams by the login of who is in them."""

    def team(name: str, parent: Team | None = None) -> Team:
        return Team.objects.get_or_create(tenant=tenant, name=name, defaults={"parent": parent})[0]

    sales, support = team(names.sales), team(names.support)
    return {
        "sales-manager": sales,
        "sales": team(names.first, sales),
        "sales2": team(names.second, sales),
        "support-lead": support,
        "support": support,
        "marketer": team(names.marketing),
    }


def _join(tenant: Tenant, email: str, name: str, role: Role, team: Team | None) -> User:
    known = Membership.objects.select_related("user").filter(tenant=tenant, user__email=email).first()
    if known:
        return known.user
    users = get_user_model().objects
    if not users.filter(email=email).exists():
        users.create_user(email, PASSWORD, name=name, language=tenant.language)
    membership, _ = add_member(tenant=tenant, email=email, roles=[role], team=team)
    return membership.user
