from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketingConfig(AppConfig):
    name = "marketing"
    verbose_name = _("Marketing")

    def ready(self):
        from crm.access.policy import register
        from crm.mail.signals import mail_bounced
        from crm.rollups.comparing import register_rollup
        from crm.search.registry import register_search_kind
        from crm.tenancy.operations import tenant_created
        from customers.filters import CustomerFilter

        from . import bounces, defaults, filters, permissions, rollups, search_kinds

        for policy in permissions.POLICIES:
            register(policy())

        register_rollup(rollups.RESULT_MONTHS)
        register_search_kind(search_kinds.CAMPAIGNS)
        mail_bounced.connect(bounces.note_bounce)
        tenant_created.connect(defaults.create_defaults)
        # The members of a segment are the list of customers, filtered: with its columns, bulk actions and export.
        CustomerFilter.add("segment", filters.SegmentFilter(label=_("Segment")))
