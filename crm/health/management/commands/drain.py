import time

from django.core.management.base import BaseCommand

from crm.health import drain


class Command(BaseCommand):
    help = "Let /readyz of this machine say 503, and wait. Run it before stopping a web server behind a balancer."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--seconds", type=float, default=15, help="how long the balancer needs to notice")
        parser.add_argument("--off", action="store_true", help="take requests again")

    def handle(self, *args, **options):
        if options["off"]:
            drain.end()
            return
        drain.begin()
        time.sleep(options["seconds"])
