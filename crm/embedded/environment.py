"""Makes the environment that the settings read: servers, roles, addresses and a secret key, before Django is loaded.

`manage.py` calls this first. With DATABASE_URL and REDIS_URL given, nothing is started. What was made is written to the
`env` file of the data folder, so that a command in another shell, or tomorrow, finds the same database.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from environ import Env

from crm.embedded import locks, notes
from crm.embedded.provision import DatabaseUrls, provision
from crm.embedded.servers import Server, ServerError, start_postgres, start_redis

BASE = Path(__file__).resolve().parents[2]
DATABASE = "guanxi"
# They read and write files, or settings, only.
NO_SERVERS = {
    *("", "help", "--help", "--version", "version", "check", "diffsettings"),
    *("collectstatic", "findstatic", "makemigrations", "messages"),
}


@dataclass
class Running:
    """The data folder and the embedded servers that `manage.py up` looks after."""

    folder: Path
    postgres: Server | None = None
    redis: Server | None = None
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def servers(self) -> list[Server]:
        return [server for server in (self.redis, self.postgres) if server]

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def revive(self) -> None:
        """Start again what was killed: same folder, same port, same password."""
        for name, start in (("postgres", start_postgres), ("redis", start_redis)):
            server: Server | None = getattr(self, name)
            if server and not server.is_running():
                server.users.close()
                setattr(self, name, start(self.folder))


# Set while `manage.py up` runs: the command takes it from here, because the settings had to come after it.
running: Running | None = None


@contextmanager
def environment_for(arguments: list[str]) -> Iterator[None]:
    """Lend the embedded servers to one run of `manage.py`."""
    global running
    command = arguments[1] if len(arguments) > 1 else ""
    given = _given()
    folder = Path(given.get("DATA_DIR", BASE / ".guanxi")).resolve()
    with ExitStack() as stack:
        try:
            if command == "up":
                # A shell lets its background jobs ignore Ctrl-C; whoever sends it to this one means it.
                signal.signal(signal.SIGINT, signal.default_int_handler)
                running = prepare(folder, given)
                stack.callback(running.stop)
            elif command == "bench" or (command not in NO_SERVERS and _uses_embedded(folder, given)):
                stack.callback(prepare(folder, given).stop)
        except ServerError as error:
            sys.exit(str(error))
        yield


def prepare(folder: Path, given: Mapping[str, str]) -> Running:
    """Start what is not given, see to roles and database, and pass the addresses on to the settings."""
    folder.mkdir(parents=True, exist_ok=True)
    result = Running(folder)
    noted = _noted(folder)
    try:
        if "DATABASE_URL" not in given:
            result.postgres = start_postgres(folder)
            urls = _provision(result.postgres.url, DATABASE, noted)
        else:
            urls = _given_database(given, noted)
        if "REDIS_URL" not in given:
            result.redis = start_redis(folder)
    except BaseException:
        result.stop()
        raise
    result.variables = {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": result.redis.url if result.redis else given["REDIS_URL"],
        "SECRET_KEY": given.get("SECRET_KEY") or noted.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "DEMO": given.get("DEMO", "1"),
        # The embedded web server speaks plain HTTP, to this machine only. Passkeys need a name, not a number.
        "HTTPS": given.get("HTTPS", "0"),
        "PUBLIC_URL": given.get("PUBLIC_URL", f"http://localhost:{given.get('PORT', '8000')}"),
    }
    # A second `up` is about to be refused; what it would have said (another port) is not for other commands.
    if not locks.is_held(folder / "up.lock"):
        lines = (f"{name}={value}\n" for name, value in result.variables.items())
        notes.write_private(folder / "env", "".join(lines))
    os.environ.update(result.variables, DATA_DIR=str(folder))
    return result


def _given() -> dict[str, str]:
    """The environment, and below it the file that people write."""

    class Given(Env):
        ENVIRON = dict(os.environ)

    Given.read_env(BASE / ".env")
    return {name: value for name, value in Given.ENVIRON.items() if value}


def _noted(folder: Path) -> dict[str, str]:
    class Noted(Env):
        ENVIRON: dict[str, str] = {}

    Noted.read_env(folder / "env")
    return Noted.ENVIRON


def _uses_embedded(folder: Path, given: Mapping[str, str]) -> bool:
    """Whether this command needs the demo's own servers, and nobody runs them yet."""
    homes = [
        folder / server
        for variable, server in (("DATABASE_URL", "postgres"), ("REDIS_URL", "redis"))
        if variable not in given
    ]
    made = (folder / "env").exists() and all((home / "url").exists() for home in homes)
    return made and any(not locks.is_held(home / "running.lock") for home in homes)


def _given_database(given: Mapping[str, str], noted: Mapping[str, str]) -> DatabaseUrls:
    """Use the given database; by an administrator's address, make roles and database first."""
    url = given["DATABASE_URL"]
    name = urlsplit(url).path.lstrip("/") or DATABASE
    if _may_create_roles(url):
        return _provision(url, name, noted)
    return DatabaseUrls(app=url, owner=given.get("DATABASE_OWNER_URL", ""))


def _may_create_roles(url: str) -> bool:
    question = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    error: psycopg.Error | None = None
    # The database itself may still have to be made.
    for address in (url, urlsplit(url)._replace(path="/postgres").geturl()):
        try:
            with psycopg.connect(address, connect_timeout=10) as connection:
                row = connection.execute(question).fetchone()
                return bool(row and row[0])
        except psycopg.OperationalError as failure:
            error = error or failure
    raise ServerError(f"The server of DATABASE_URL does not let us in: {error}")


def _provision(admin_url: str, database: str, noted: Mapping[str, str]) -> DatabaseUrls:
    def password(variable: str) -> str:
        before = urlsplit(noted.get(variable, ""))
        same_server = before.hostname == urlsplit(admin_url).hostname
        return unquote(before.password) if same_server and before.password else secrets.token_urlsafe(24)

    return provision(
        admin_url,
        database,
        app_password=password("DATABASE_URL"),
        owner_password=password("DATABASE_OWNER_URL"),
    )
