from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.pages.navigation import Entry, register
from crm.pages.request import MemberRequest


def is_administrator(request: MemberRequest) -> bool:
    return request.membership.has_role(Role.ADMIN)


register(
    Entry(
        "admin:index",
        _("All records"),
        icon="database",
        section="administration",
        order=90,
        needs=is_administrator,
        words="admin django guanli 管理 数据",
    )
)
