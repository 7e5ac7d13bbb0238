"""A conversation with a mail server, over IMAP. Reads and leaves everything as it is: nothing is marked or deleted."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from crm.security.sealing import CannotUnseal

from ..choices.mail import FetchProblem, ImapSecurity
from ..models import Mailbox

_SECONDS = 30
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"\bUID (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class FetchFailed(Exception):
    def __init__(self, problem: FetchProblem):
        self.problem = problem
        super().__init__(problem.value)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the folder, by its number there."""

    uid: int
    size: int


class Folder:
    """An opened folder. `validity`: numbers of messages of another value are other messages."""

    def __init__(self, server: imaplib.IMAP4, validity: int):
        self._server, self.validity = server, validity

    def after(self, uid: int, since: date | None) -> list[Waiting]:
        """Messages with higher numbers, the lowest first; of the first reading those that came since that day."""
        asked = ["UID", f"{uid + 1}:*"]
        if since is not None:
            asked += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"]
        found = self._ask("SEARCH", *asked)
        numbers = sorted({int(one) for line in found if line for one in line.split()})
        # "5:*" means the last message too when it is number 4.
        return list(self._sizes([number for number in numbers if number > uid]))

    def _sizes(self, uids: Sequence[int]) -> Iterator[Waiting]:
        for start in range(0, len(uids), 200):
            some = uids[start : start + 200]
            sizes: dict[int, int] = {}
            for line in self._ask("FETCH", ",".join(map(str, some)), "(UID RFC822.SIZE)"):
                number, size = _UID.search(line), _SIZE.search(line)
                if number and size:
                    sizes[int(number[1])] = int(size[1])
            # Gone meanwhile: somebody else has taken it out of the folder.
            yield from (Waiting(uid, sizes[uid]) for uid in some if uid in sizes)

    def read(self, uid: int, most: int = 0) -> bytes | None:
        """The message as it is, or its first `most` bytes; not marked as read. None: it is gone."""
        part = f"<0.{most}>" if most else ""
        with _failing():
            kind, data = self._server.uid("FETCH", str(uid), f"(BODY.PEEK[]{part})")
        if kind != "OK":
            raise FetchFailed(FetchProblem.PROTOCOL)
        return next((bytes(one[1]) for one in data if isinstance(one, tuple) and isinstance(one[1], bytes)), None)

    def _ask(self, command: str, *arguments: str) -> list[bytes]:
        with _failing():
            kind, data = self._server.uid(command, *arguments)
        if kind != "OK":
            raise FetchFailed(FetchProblem.PROTOCOL)
        return [one if isinstance(one, bytes) else one[0] for one in data if isinstance(one, bytes | tuple)]


@contextmanager
def open_folder(mailbox: Mailbox) -> Iterator[Folder]:
    """Raises FetchFailed, with what the person who set the mailbox up can do about it."""
    try:
        password = mailbox.imap_password
    except CannotUnseal as error:
        raise FetchFailed(FetchProblem.SEALED) from error
    server = _connect(mailbox)
    try:
        with _failing(FetchProblem.REFUSED):
            server.login(mailbox.imap_user or mailbox.address, password)
        with _failing(FetchProblem.FOLDER):
            kind, _count = server.select(_quoted(mailbox.imap_folder), readonly=True)
        if kind != "OK":
            raise FetchFailed(FetchProblem.FOLDER)
        validity = server.response("UIDVALIDITY")[1]
        number = validity[0] if validity else None
        if not isinstance(number, bytes) or not number.isdigit():
            raise FetchFailed(FetchProblem.PROTOCOL)
        yield Folder(server, int(number))
    finally:
        _leave(server)


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        # It has hung up already.
        server.shutdown()


def _quoted(folder: str) -> str:
    """In the modified UTF-7 that IMAP wants for names that are not English."""
    runs = [
        run.replace("&", "&-")
        if run.isascii()
        else f"&{b64encode(run.encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"
        for run in re.split(r"([^\x20-\x7e]+)", folder)
    ]
    return '"' + "".join(runs).replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _failing(problem: FetchProblem = FetchProblem.PROTOCOL) -> Iterator[None]:
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise FetchFailed(FetchProblem.UNREACHABLE) from error
    except (imaplib.IMAP4.error, UnicodeError) as error:
        # A password that IMAP cannot say is a wrong one.
        raise FetchFailed(problem) from error
    except OSError as error:
        raise FetchFailed(FetchProblem.UNREACHABLE) from error


# -- the line


def _connect(mailbox: Mailbox) -> imaplib.IMAP4:
    address = _address_of(mailbox.imap_host, mailbox.imap_port)
    context = tls_context()
    try:
        if mailbox.imap_security == ImapSecurity.TLS:
            return _Tls(mailbox.imap_host, mailbox.imap_port, address, context)
        server = _Plain(mailbox.imap_host, mailbox.imap_port, address)
        server.starttls(context)
        return server
    except ssl.SSLCertVerificationError as error:
        raise FetchFailed(FetchProblem.CERTIFICATE) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise FetchFailed(FetchProblem.UNREACHABLE) from error


def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _address_of(host: str, port: int) -> tuple[Any, ...]:
    """Where the name leads, asked once: what was judged is what we connect to.

    Whoever administers a tenant chooses the name. It must not lead them into the network behind our servers.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(FetchProblem.UNREACHABLE) from error
    addresses = [entry[4] for entry in found]
    if not settings.INBOUND_MAIL_PRIVATE_SERVERS:
        addresses = [one for one in addresses if ipaddress.ip_address(str(one[0]).partition("%")[0]).is_global]
        if not addresses:
            raise FetchFailed(FetchProblem.PRIVATE)
    return addresses[0]


class _Plain(imaplib.IMAP4):
    """Connects to an address that was looked up before."""

    def __init__(self, host: str, port: int, address: tuple[Any, ...]):
        self._address = address
        super().__init__(host, port, timeout=_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection(self._address[:2], timeout)


class _Tls(_Plain):
    def __init__(self, host: str, port: int, address: tuple[Any, ...], context: ssl.SSLContext):
        self._context = context
        super().__init__(host, port, address)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._context.wrap_socket(super()._create_socket(timeout), server_hostname=self.host)
