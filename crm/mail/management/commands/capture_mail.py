"""A mail server of the demo's own: it keeps every mail for the mailbox page, and nothing leaves the machine."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.management import BaseCommand

from crm.mail.mailbox import keep_mail

HOST = "127.0.0.1"
# As large as a mail that we send ever is.
MAX_BYTES = 64 * 1024 * 1024


class Command(BaseCommand):
    help = "Take mails over SMTP on this machine, and keep them for the mailbox page of the demo."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        asyncio.run(_serve(port))


class _Keeper:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as aiosmtpd calls it
        keep_mail(envelope.original_content or b"")
        return "250 Kept"


async def _serve(port: int) -> None:
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    make = lambda: SMTP(_Keeper(), hostname="localhost", data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, loop=loop)
    async with await loop.create_server(make, HOST, port):
        await ending.wait()
