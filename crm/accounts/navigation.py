from django.utils.translation import gettext_lazy as _

from crm.pages import navigation
from crm.pages.navigation import Entry
from crm.tenancy.models import Membership, Team


def register() -> None:
    navigation.register(
        Entry(
            "settings:member_list",
            _("Members"),
            icon="users",
            section="administration",
            order=10,
            needs=(Membership, "view"),
            words="people users invite 成员 用户 邀请",
        ),
        Entry(
            "settings:team_list",
            _("Teams"),
            icon="sitemap",
            section="administration",
            order=20,
            needs=(Team, "view"),
            words="team 团队",
        ),
    )
