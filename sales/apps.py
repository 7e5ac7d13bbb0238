from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    name = "sales"
    verbose_name = _("Sales")

    def ready(self):
        from django.db.models.signals import post_save

        from crm.access.policy import register
        from crm.rollups.comparing import register_rollup
        from crm.search.registry import register_search_kind
        from crm.tenancy.operations import tenant_created
        from customers.search import customers_renamed

        from . import (
            defaults,
            document_defaults,
            document_search,
            document_search_kinds,
            models,
            permissions,
            rollups,
            search,
            search_kinds,
        )

        for policy in permissions.POLICIES:
            register(policy())

        for rollup in (rollups.STAGE_STATS, rollups.DEAL_MONTHS, rollups.REVENUE_DAYS):
            register_rollup(rollup)
        register_search_kind(search_kinds.DEALS)
        register_search_kind(search_kinds.LEADS)
        post_save.connect(search.deal_saved, models.Deal)
        post_save.connect(search.lead_saved, models.Lead)
        customers_renamed.connect(search.customers_renamed)
        tenant_created.connect(defaults.add_defaults)

        register_search_kind(document_search_kinds.QUOTES)
        register_search_kind(document_search_kinds.PRODUCTS)
        post_save.connect(document_search.quote_saved, models.Quote)
        post_save.connect(document_search.product_saved, models.Product)
        customers_renamed.connect(document_search.customers_renamed)
        tenant_created.connect(document_defaults.add_quote_settings)
