"""What the operating system has to offer: libraries for PDFs, Chinese fonts, Redis, and for tests a browser.

On Debian and Ubuntu root gets what is missing; everybody else is told what to install. Standard library only.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHINESE_FONT = re.compile(r"noto.*cjk|notos(ans|erif)(sc|tc)|sourcehan|wqy|pingfang|heiti|songti|simsun|msyh|uming")
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
)
PDF_LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    # Without it a document with two Chinese fonts takes seconds instead of tenths.
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """One thing, its packages by package manager, and what is lost without it."""

    name: str
    is_there: Callable[[], bool]
    lost: str
    apt: tuple[str, ...]
    dnf: tuple[str, ...]
    brew: tuple[str, ...]


def needs(purpose: str) -> list[Need]:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = [
        Need(
            "Python's venv module",
            lambda: importlib.util.find_spec("ensurepip") is not None,
            "no virtual environment can be made",
            (f"python{version}-venv",),
            (f"python{version}",),
            (f"python@{version}",),
        ),
        Need(
            "Pango and HarfBuzz",
            has_pdf_libraries,
            "PDF documents cannot be made",
            ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz0b", "libharfbuzz-subset0", "libfontconfig1"),
            ("pango", "harfbuzz", "fontconfig"),
            ("pango",),
        ),
        Need(
            "a Chinese font",
            has_chinese_font,
            "Chinese text in PDF documents and screenshots shows as boxes",
            ("fonts-noto-cjk",),
            ("google-noto-sans-cjk-fonts",),
            ("font-noto-sans-cjk",),
        ),
    ]
    if sys.version_info >= (3, 13):  # the packaged server has no wheel there
        found.append(
            Need(
                "a Redis server",
                lambda: shutil.which("redis-server") is not None,
                "set REDIS_URL to use another server",
                ("redis-server",),
                ("redis",),
                ("redis",),
            )
        )
    if purpose == "test":
        found.append(
            Need("Chromium", has_browser, "browser tests are skipped", ("chromium",), ("chromium",), ("chromium",))
        )
    return found


def install_missing(purpose: str) -> None:
    missing = [need for need in needs(purpose) if not need.is_there()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        names = [package for need in missing for package in need.apt]
        sys.stdout.write(f"Installing system packages: {' '.join(names)}\n")
        sys.stdout.flush()
        apt_install(names)
        importlib.invalidate_caches()
        missing = [need for need in missing if not need.is_there()]
    if missing:
        sys.stdout.write(advice(missing) + "\n")
        sys.stdout.flush()


def apt_install(names: list[str]) -> None:
    """Failure is not the end: without a network the rest may still work, and what is missing is said afterwards."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *names],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def advice(missing: list[Need]) -> str:
    lines = ["Missing on this machine:"]
    lines += [f"  - {need.name}: {need.lost}" for need in missing]
    for manager, tool, command in (
        ("apt", "apt-get", "sudo apt-get install"),
        ("dnf", "dnf", "sudo dnf install"),
        ("brew", "brew", "brew install"),
    ):
        if shutil.which(tool):
            names = [package for need in missing for package in getattr(need, manager)]
            lines.append(f"Install it by: {command} {' '.join(names)}")
            break
    else:
        names = [package for need in missing for package in need.apt]
        lines.append(f"Install what your system calls (Debian's names): {' '.join(names)}")
    return "\n".join(lines)


def has_pdf_libraries() -> bool:
    return all(any(can_load(name) for name in names) for names in PDF_LIBRARIES)


def can_load(name: str) -> bool:
    for place in ("", "/opt/homebrew/lib/", "/usr/local/lib/"):
        try:
            ctypes.CDLL(place + name)
        except OSError:
            continue
        return True
    return False


def has_chinese_font() -> bool:
    return any(
        CHINESE_FONT.search(path.name.lower())
        for folder in FONT_FOLDERS
        for path in Path(folder).expanduser().rglob("*.*")
    )


def has_browser() -> bool:
    # Ubuntu's package of that name may be a stub that only points to the snap.
    return any(shutil.which(name) for name in BROWSERS)
