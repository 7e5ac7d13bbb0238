from django.core.management.commands import migrate

from crm.embedded.provision import as_owner


class Command(migrate.Command):
    """Django's migrate, run by the role that owns the tables: the application's role may not change them."""

    def handle(self, *args, **options):
        with as_owner(options["database"]):
            super().handle(*args, **options)
