from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceConfig(AppConfig):
    name = "service"
    verbose_name = _("Service")

    def ready(self):
        from django.db.models.signals import post_save

        from crm.access.policy import register
        from crm.mail.signals import mail_given_up
        from crm.rollups.comparing import register_rollup
        from crm.search.registry import register_search_kind
        from crm.security.sealing import register_sealed
        from crm.tenancy.operations import tenant_created
        from customers.search import customers_renamed

        from . import mailing, models, permissions, rollups, search, search_kinds
        from .operations.outgoing import register_carrier
        from .operations.settings import greet_tenant

        for policy in permissions.POLICIES:
            register(policy())

        register_rollup(rollups.TICKET_DAYS)
        register_rollup(rollups.TICKET_STATES)
        register_search_kind(search_kinds.TICKETS)
        post_save.connect(search.ticket_saved, models.Ticket)
        customers_renamed.connect(search.customers_renamed)
        tenant_created.connect(greet_tenant)
        register_carrier(mailing.carry_by_mail)
        mail_given_up.connect(mailing.note_given_up)
        register_sealed(models.Mailbox, "imap_password_sealed")
