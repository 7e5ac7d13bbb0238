from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self):
        from django.db.models.signals import post_save

        from crm.access.policy import register
        from crm.rollups.comparing import register_rollup
        from crm.search.registry import register_search_kind

        from . import models, permissions, rollups, search, search_kinds

        for policy in (
            permissions.CustomerPolicy,
            permissions.ContactPolicy,
            permissions.ActivityPolicy,
            permissions.TagPolicy,
        ):
            register(policy())

        register_rollup(rollups.CUSTOMER_MONTHS)
        register_search_kind(search_kinds.CUSTOMERS)
        register_search_kind(search_kinds.CONTACTS)
        post_save.connect(search.customer_saved, models.Customer)
        post_save.connect(search.contact_saved, models.Contact)
