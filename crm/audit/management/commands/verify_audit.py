from django.core.management.base import BaseCommand, CommandError

from crm.audit.verify import Verdict, verify
from crm.tenancy.commands import named_tenant
from crm.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Check the audit chain of a tenant, or of all; name the first broken position."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--tenant", metavar="SLUG")
        which.add_argument("--all-tenants", action="store_true")

    def handle(self, *args, **options):
        slug = options["tenant"]
        tenants = [named_tenant(slug)] if slug else Tenant.objects.order_by("slug")
        broken = 0
        for tenant in tenants:
            verdict = verify(tenant)
            self.stdout.write(f"{tenant.slug}: {describe(verdict)}")
            broken += not verdict.is_intact
        if broken:
            raise CommandError("The audit trail is broken.", returncode=1)


def describe(verdict: Verdict) -> str:
    """One line. Note the position and hash down elsewhere: a later check that still ends there proves no rewriting."""
    end = f"ends at position {verdict.head_position} with {verdict.head_hash or 'nothing'}"
    if verdict.is_intact:
        return f"intact, {verdict.links} links, {verdict.entries} entries, {end}"
    where = f" at position {verdict.position}" if verdict.position is not None else ""
    which = f" (entry {verdict.entry_id})" if verdict.entry_id is not None else ""
    return f"BROKEN{where}: {verdict.reason}{which}"
