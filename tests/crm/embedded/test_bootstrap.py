"""The set-up of a fresh clone: locked, hashed, and clear about what the machine lacks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crm.embedded import lock_requirements, system_packages

PROJECT = Path(__file__).resolve().parents[3]
LOCKS = sorted(PROJECT.glob("requirements*.txt"))


def pins(path: Path) -> dict[str, str]:
    """{package and marker: version} of one lock file."""
    found = {}
    for pin in lock_requirements.PINNED.findall(path.read_text()):
        requirement, _, marker = pin.partition(";")
        name, _, version = requirement.strip().partition("==")
        found[f"{name};{marker.strip()}"] = version
    return found


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_a_hash(path):
    entries = re.split(r"\n(?=\S)", path.read_text().strip())

    assert len(entries) > 3
    for entry in entries:
        assert "==" in entry.splitlines()[0]
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize("path", [*LOCKS, PROJECT / "package-lock.json"], ids=lambda path: path.name)
def test_lock_files_name_no_address(path):
    assert re.findall(r"https?:|file:|--index|--find-links", path.read_text()) == []


def test_groups_agree_on_the_versions_they_share():
    versions: dict[str, set[str]] = {}
    for path in LOCKS:
        for name, version in pins(path).items():
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_front_end_libraries_are_exact_and_hashed():
    package = json.loads((PROJECT / "package.json").read_text())
    lock = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    wishes = package["dependencies"] | package["devDependencies"]

    assert lock[""]["dependencies"] | lock[""]["devDependencies"] == wishes
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", wish) for wish in wishes.values())
    assert all(entry["integrity"].startswith("sha512-") for name, entry in lock.items() if name)
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wishes} == wishes


def test_bootstrap_needs_the_standard_library_alone():
    script = PROJECT / "crm" / "embedded" / "bootstrap.py"

    done = subprocess.run([sys.executable, "-I", "-S", script, "--help"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "bootstrap.py demo|test" in done.stderr


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        ("apt-get", "Install it by: sudo apt-get install fonts-noto-cjk"),
        ("dnf", "Install it by: sudo dnf install google-noto-sans-cjk-fonts"),
        ("brew", "Install it by: brew install font-noto-sans-cjk"),
        (None, "Install what your system calls (Debian's names): fonts-noto-cjk"),
    ],
)
def test_missing_package_is_named_in_the_machines_own_words(monkeypatch, manager, said):
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: name if name == manager else None)
    font = next(need for need in system_packages.needs("demo") if need.name == "a Chinese font")

    advice = system_packages.advice([font])

    assert advice.splitlines() == [
        "Missing on this machine:",
        "  - a Chinese font: Chinese text in PDF documents and screenshots shows as boxes",
        said,
    ]


def test_root_on_debian_installs_what_is_missing_by_name(monkeypatch):
    installed: list[list[str]] = []
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr(system_packages, "apt_install", installed.append)
    monkeypatch.setattr(system_packages, "has_pdf_libraries", lambda: True)
    monkeypatch.setattr(system_packages, "has_chinese_font", lambda: bool(installed))
    monkeypatch.setattr(system_packages, "has_browser", lambda: bool(installed))

    system_packages.install_missing("test")

    assert installed[0][:1] == ["fonts-noto-cjk"]
    assert "chromium" in installed[0]


def test_browser_is_needed_for_tests_only():
    assert "Chromium" in [need.name for need in system_packages.needs("test")]
    assert "Chromium" not in [need.name for need in system_packages.needs("demo")]


@pytest.mark.parametrize(
    ("name", "is_chinese"),
    [
        ("NotoSansCJK-Regular.ttc", True),
        ("NotoSansSC-Regular.otf", True),
        ("PingFang.ttc", True),
        ("wqy-microhei.ttc", True),
        ("DejaVuSans.ttf", False),
        ("NotoSans-Regular.ttf", False),
    ],
)
def test_chinese_fonts_are_known_by_name(monkeypatch, tmp_path, name, is_chinese):
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / name).touch()
    monkeypatch.setattr(system_packages, "FONT_FOLDERS", (str(tmp_path),))

    assert system_packages.has_chinese_font() is is_chinese
