from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.i18n.catalogue import LANGUAGES, compile_catalogue, faults, po_path, update
from crm.i18n.collect import collect


class Command(BaseCommand):
    help = "Collect the texts of the product into locale/ and compile the translations."
    # Runs while the product is being set up.
    requires_system_checks = []

    def add_arguments(self, parser):
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--compile", action="store_true", help="only compile what is translated")
        only.add_argument("--check", action="store_true", help="only say what is missing, fuzzy, obsolete or different")

    def handle(self, *args, **options):
        base = Path(settings.BASE_DIR)
        if options["check"]:
            self._check(base)
            return
        if not options["compile"]:
            self._collect(base)
        for language in LANGUAGES:
            count = compile_catalogue(po_path(base, language), language)
            self._say(options, f"{language}: {count} messages compiled")

    def _collect(self, base: Path) -> None:
        found = list(collect(base))
        for language in LANGUAGES:
            changes = update(po_path(base, language), language, found)
            self.stdout.write(
                f"{language}: {changes.strings} messages, {len(changes.added)} new, {len(changes.removed)} dropped, "
                f"{changes.untranslated} not translated"
            )

    def _check(self, base: Path) -> None:
        found = list(collect(base))
        wrong = {language: list(faults(po_path(base, language), language, found)) for language in LANGUAGES}
        for language, lines in wrong.items():
            for line in lines:
                self.stderr.write(f"{language}: {line}")
        count = sum(map(len, wrong.values()))
        if count:
            raise CommandError(f"{count} messages need care. Run `make messages`, then translate in locale/.")
        self.stdout.write(f"All messages are translated into {', '.join(LANGUAGES)}.")

    def _say(self, options, text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)
