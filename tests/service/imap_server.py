"""A small mail server that speaks enough IMAP for a client that reads: login, folders, SEARCH and FETCH by UID."""

from __future__ import annotations

import datetime
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "support@acme.example", 'pass "word"'
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


class Store:
    """One folder. `log` has every command as it came, without passwords."""

    def __init__(self) -> None:
        self.validity = 7
        self.mails: dict[int, bytes] = {}
        self.days: dict[int, datetime.date] = {}
        self.log: list[str] = []
        # Hang up after so many FETCHes of bodies.
        self.breaks_after: int | None = None

    def add(self, raw: bytes, day: datetime.date | None = None) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.days[uid] = day or datetime.datetime.now(datetime.UTC).date()
        return uid


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if self.server.is_tls:
            self._wrap()
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode("utf-8").strip().partition(" ")
            if not self._answer(tag, rest):
                return

    def _wrap(self) -> None:
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _answer(self, tag: str, rest: str) -> bool:
        store, command = self.server.store, rest.split(" ")[0].upper()
        store.log.append("LOGIN" if command == "LOGIN" else rest)
        if command == "CAPABILITY":
            self._say(f"* CAPABILITY IMAP4rev1{'' if self.server.is_tls else ' STARTTLS'}")
        elif command == "STARTTLS":
            self._say(f"{tag} OK begin")
            self._wrap()
            return True
        elif command == "LOGIN":
            given = rest.partition(" ")[2].replace('"', "").replace("\\", "")
            if given != f"{USER} {PASSWORD}".replace('"', ""):
                self._say(f"{tag} NO [AUTHENTICATIONFAILED] wrong")
                return True
        elif command in ("EXAMINE", "SELECT"):
            if '"INBOX"' not in rest:
                self._say(f"{tag} NO [NONEXISTENT] no such folder")
                return True
            self._say(f"* {len(store.mails)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {store.validity}] fine")
        elif command == "UID":
            if not self._uid(rest.split(" ", 1)[1]):
                return False
        elif command == "LOGOUT":
            self._say("* BYE")
            self._say(f"{tag} OK bye")
            return False
        self._say(f"{tag} OK done")
        return True

    def _uid(self, rest: str) -> bool:
        store = self.server.store
        if rest.upper().startswith("SEARCH"):
            first = int(re.search(r"UID (\d+):\*", rest)[1])
            since = re.search(r"SINCE (\d+)-(\w+)-(\d+)", rest)
            day = datetime.date(int(since[3]), _MONTHS.index(since[2].lower()) + 1, int(since[1])) if since else None
            found = [uid for uid in store.mails if uid >= min(first, max(store.mails, default=0))]
            found = [uid for uid in found if day is None or store.days[uid] >= day]
            self._say(f"* SEARCH {' '.join(map(str, found))}".rstrip())
            return True
        uids = [int(uid) for uid in rest.split(" ")[1].split(",")]
        if "RFC822.SIZE" in rest:
            for uid in uids:
                if uid in store.mails:
                    self._say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(store.mails[uid])})")
            return True
        if store.breaks_after is not None:
            store.breaks_after -= 1
            if store.breaks_after < 0:
                return False
        part = re.search(r"BODY\.PEEK\[\](?:<0\.(\d+)>)?", rest)
        for uid in uids:
            if uid in store.mails:
                raw = store.mails[uid][: int(part[1]) if part[1] else None]
                self._say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}")
                self.wfile.write(raw)
                self._say(")")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, store: Store, context: ssl.SSLContext, *, is_tls: bool):
        self.store, self.context, self.is_tls = store, context, is_tls
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


@contextmanager
def serving(store: Store, certificate: Path, *, is_tls: bool = True) -> Iterator[int]:
    """The port on which the store is served."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(store, context, is_tls=is_tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def make_certificate(path: Path, name: str = "localhost") -> Path:
    """A certificate for this name with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(pem)
    return path
