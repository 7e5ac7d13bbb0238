"""The account that PostgreSQL runs under when the person who starts it is root: the server refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OWN_NAME = "guanxi"
# The distributions' own PostgreSQL account exists for exactly this.
NAMES = (OWN_NAME, "postgres", "_postgres")
CREATE = (
    ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
     "--shell", "/usr/sbin/nologin", OWN_NAME],
    ["adduser", "-S", "-D", "-H", OWN_NAME],
)  # fmt: skip


# Servers need nothing of the caller's environment, and its secrets are none of their business.
SERVER_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


class NoAccount(RuntimeError):
    """No unprivileged account exists and none could be created."""


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def may_read(self, paths: Iterable[Path]) -> bool:
        """Ask the system itself: modes of the parents, lists of rights and mount options all play a part."""
        return self._test("-r", paths)

    def may_enter(self, folder: Path) -> bool:
        return self._test("-x", [folder])

    def _test(self, what: str, paths: Iterable[Path]) -> bool:
        script = f'for path; do test {what} "$path" || exit 1; done'
        return self.run(["/bin/sh", "-c", script, "sh", *map(str, paths)]).returncode == 0

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        user = {} if os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            # The folder of the caller may be closed to the account, and its language may be unknown to the system.
            cwd="/",
            env=SERVER_ENVIRONMENT,
            check=False,
            **user,  # type: ignore[call-overload]  # mypy cannot see through the three optional keywords
        )


def server_account() -> Account:
    """The caller, or where that is root, an unprivileged system account; created by name when there is none."""
    if os.geteuid():
        return Account(os.geteuid(), os.getegid())
    found = _existing()
    if not found:
        for command in CREATE:
            if shutil.which(command[0]):
                subprocess.run(command, capture_output=True, check=False)
        found = _existing()
    if not found:
        raise NoAccount(
            "PostgreSQL does not run as root, and no account could be made for it. "
            f"Start as an ordinary user, or create a system account named {OWN_NAME}."
        )
    return found


def account_of(path: Path) -> Account:
    """The account that data made earlier belong to."""
    entry = path.stat()
    return Account(entry.st_uid, entry.st_gid)


def _existing() -> Account | None:
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return None
