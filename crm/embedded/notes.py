"""What an embedded server keeps about itself between starts: its port and its administrator's password."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def port(home: Path) -> int:
    """The port of last time if it is still free, so that addresses written down elsewhere keep working."""
    note = home / "port"
    for wish in (int(note.read_text()) if note.exists() else 0, 0):
        with socket.socket() as probe:
            # The servers do the same, so a connection that just ended does not make the port look taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wish))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        note.write_text(str(found))
        return found
    raise OSError("No port is free on 127.0.0.1.")


def password(home: Path) -> str:
    """Others on this machine reach the port as well, so there is always a password."""
    note = home / "password"
    if not note.exists():
        write_private(note, secrets.token_urlsafe(24))
    return note.read_text()


def write_private(path: Path, text: str) -> None:
    """At once or not at all: whoever reads it meanwhile must not find half an address, or no password."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
