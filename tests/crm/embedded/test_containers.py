"""The container files, as far as they can be judged without an engine: nothing runs with more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[3]
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def test_all_parts_are_there():
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "short", "beat"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_is_held_to_what_it_needs(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in ("root", "0", 0)
    assert "privileged" not in service
    assert all(mount.partition(":")[0] in COMPOSE["volumes"] for mount in service["volumes"])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_lasting_service_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", ["web", "worker", "short", "beat"])
def test_application_waits_for_the_tables_and_does_not_get_their_owners_password(name):
    service = SERVICES[name]

    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & set(service["environment"])


def test_every_secret_comes_from_outside():
    text = (PROJECT / "docker-compose.yml").read_text()
    values = re.findall(r"(?:PASSWORD|SECRET_KEY)\w*: (.+)", text)

    assert values
    assert all(value.startswith("${") and ":-" not in value for value in values)


def test_only_this_machine_reaches_the_web_server_and_nobody_the_others():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }


@pytest.mark.parametrize("name", ["web", "worker", "short"])
def test_what_web_server_and_worker_count_is_added_up_and_begins_anew_with_each_start(name):
    folder = SERVICES[name]["environment"]["METRICS_DIR"]

    assert f"metrics:{folder}" in SERVICES[name]["volumes"]
    assert COMPOSE["volumes"]["metrics"]["driver_opts"]["type"] == "tmpfs"


def test_other_settings_come_from_a_file_without_the_owners_passwords():
    files = {name: [file["path"] for file in service.get("env_file", [])] for name, service in SERVICES.items()}

    assert files == {name: [] if name in ("postgres", "redis") else ["app.env"] for name in SERVICES}
    assert "/app.env" in (PROJECT / ".gitignore").read_text().splitlines()


def test_image_runs_as_a_numbered_user_and_checks_hashes():
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["guanxi"]
    assert "--uid 10001" in DOCKERFILE and SERVICES["web"]["user"] == "10001:10001"
    assert "pip install --require-hashes" in DOCKERFILE
    assert "npm ci --ignore-scripts" in DOCKERFILE


def test_image_gets_the_locked_files_and_nothing_that_git_ignores():
    wanted = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {"requirements*.txt", "package-lock.json", "crm", "manage.py"} <= wanted
    assert not wanted & {".env", ".guanxi", ".venv", "node_modules"}
