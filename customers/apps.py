from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self):
        from crm.access.policy import register
        from crm.search.registry import register_search_kind

        from . import permissions, search_kinds

        for policy in (
            permissions.CustomerPolicy,
            permissions.ContactPolicy,
            permissions.ActivityPolicy,
            permissions.TagPolicy,
        ):
            register(policy())

        register_search_kind(search_kinds.CUSTOMERS)
        register_search_kind(search_kinds.CONTACTS)
