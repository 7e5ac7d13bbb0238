from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self):
        from crm.access.policy import register

        from . import navigation, permissions

        register(permissions.MembershipPolicy())
        register(permissions.TeamPolicy())
        register(permissions.InvitationPolicy())
        navigation.register()
