"""Resolve the dependencies of pyproject.toml and package.json into lock files with hashes, without any index's address.

One resolution for all groups comes first, so that every file names the same version of a package they share; a group's
file holds what it needs beyond the others, and can be installed apart. Standard library only, besides the tool `uv`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = PROJECT / ".guanxi" / "tools"
GROUPS = ("reports", "models", "embedded", "dev")
PINNED = re.compile(r"^[A-Za-z0-9][^\\\n]*", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description="Resolve the dependencies anew.")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions than the ones locked now")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []
    uv = find_uv()
    with tempfile.TemporaryDirectory() as folder:
        everything, pins = Path(folder) / "all.txt", Path(folder) / "pins.txt"
        # Versions found in the output file are kept unless an upgrade is asked for.
        everything.write_text("\n".join(sorted(set(locked_versions()))))
        groups = [part for group in GROUPS for part in ("--group", f"pyproject.toml:{group}")]
        compile_lock(uv, ["pyproject.toml", *groups], everything, upgrade)
        pins.write_text("\n".join(PINNED.findall(everything.read_text())))
        compile_lock(uv, ["pyproject.toml", "-c", str(pins)], PROJECT / "requirements.txt", ["--upgrade"])
        for group in GROUPS:
            source = ["--group", f"pyproject.toml:{group}", "-c", str(pins)]
            compile_lock(uv, source, PROJECT / f"requirements-{group}.txt", ["--upgrade"])
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    # Versions are exact in package.json; the lock adds what they need in turn, with hashes.
    subprocess.run(npm, cwd=PROJECT, check=True)
    strip_funding(PROJECT / "package-lock.json")


def strip_funding(path: Path) -> None:
    """The lock file names packages and hashes; whom to pay for them is said in the packages."""
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


def locked_versions() -> list[str]:
    return [
        pin
        for path in sorted(PROJECT.glob("requirements*.txt"))
        for pin in (found.strip() for found in PINNED.findall(path.read_text()))
    ]


def compile_lock(uv: str, sources: list[str], target: Path, more: list[str]) -> None:
    command = [uv, "pip", "compile", *sources, "--output-file", str(target), *more]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    command += ["--no-header", "--no-annotate", "--quiet"]
    subprocess.run(command, cwd=PROJECT, check=True)


def find_uv() -> str:
    found = shutil.which("uv")
    if found:
        return found
    uv = TOOLS / "bin" / "uv"
    if not uv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
        subprocess.run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(uv)


if __name__ == "__main__":
    main()
