"""With the settings of a real installation, in a process of its own: settings are read once per process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# All that matters is given: the environment wins over what a developer keeps in .env.
PRODUCTION = {
    "DEBUG": "0",
    "HTTPS": "1",
    "DEMO": "0",
    "SECRET_KEY": "a-key-of-more-than-fifty-characters-that-nobody-guesses-0123456789",
    "ALLOWED_HOSTS": "crm.example.com",
    "PUBLIC_URL": "https://crm.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Guanxi <crm@example.com>",
    "TRUSTED_PROXY_COUNT": "1",
}


def run(*arguments: str, tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    given = kept | PRODUCTION | {"DATA_DIR": str(tmp_path)} | changes
    environment = {name: value for name, value in given.items() if value is not None}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment | {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "crm.settings"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def manage(*arguments: str, tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    return run("-m", "django", *arguments, tmp_path=tmp_path, **changes)


def settings_of(*names: str, tmp_path: Path, **changes: str | None) -> dict:
    code = (
        f"import json; from django.conf import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names}}}))"
    )
    done = run("-c", code, tmp_path=tmp_path, **changes)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_check_deploy_has_nothing_to_say(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DEBUG": "1"}, "DEBUG set to True"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY has less than 50 characters"),
        ({"HTTPS": "0"}, "SECURE_SSL_REDIRECT"),
        ({"PUBLIC_URL": None}, "PUBLIC_URL is not an https:// address"),
        ({"EMAIL_URL": None}, "EMAIL_URL is not set"),
        ({"DEMO": "1"}, "DEMO is on"),
    ],
)
def test_check_deploy_tells_of_each_mistake(tmp_path, changes, said):
    done = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **changes)

    assert done.returncode != 0
    assert said in done.stderr


@pytest.mark.parametrize("command", [["check"], ["migrate", "--plan"]])
def test_without_a_secret_nothing_starts_and_the_message_says_why(tmp_path, command):
    done = manage(*command, tmp_path=tmp_path, SECRET_KEY=None)

    assert done.returncode != 0
    assert "Set the SECRET_KEY environment variable" in done.stderr


def test_the_web_server_does_not_start_without_a_secret(tmp_path):
    done = run("-c", "import crm.wsgi", tmp_path=tmp_path, SECRET_KEY=None)

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("secret", ["", "  "])
def test_an_empty_secret_is_none(tmp_path, secret):
    done = manage("check", tmp_path=tmp_path, SECRET_KEY=secret)

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


def test_while_debugging_a_secret_is_not_needed(tmp_path):
    assert manage("check", tmp_path=tmp_path, SECRET_KEY=None, DEBUG="1").returncode == 0


def test_with_https_cookies_are_bound_to_this_host(tmp_path):
    names = ("SESSION", "CSRF", "LANGUAGE")
    flags = settings_of(
        *[
            f"{name}_COOKIE_{flag}"
            for name in names
            for flag in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH")
        ],
        "DEVICE_COOKIE_NAME",
        tmp_path=tmp_path,
    )

    assert flags["DEVICE_COOKIE_NAME"] == "__Host-device"
    for name in names:
        assert flags[f"{name}_COOKIE_NAME"].startswith("__Host-")
        assert [flags[f"{name}_COOKIE_{flag}"] for flag in ("SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH")] == [
            True,
            True,
            "Lax",
            None,
            "/",
        ]


def test_with_https_browsers_remember_to_use_it(tmp_path):
    values = settings_of(
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_HSTS_PRELOAD",
        "SECURE_PROXY_SSL_HEADER",
        tmp_path=tmp_path,
    )

    assert values == {
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_HSTS_PRELOAD": True,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    }


def test_without_a_proxy_of_ours_what_proxies_claim_is_not_believed(tmp_path):
    values = settings_of(
        "SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT", tmp_path=tmp_path, TRUSTED_PROXY_COUNT=None
    )

    assert values == {"SECURE_PROXY_SSL_HEADER": None, "ALLAUTH_TRUSTED_PROXY_COUNT": 0}


def test_mail_leaves_by_the_server_of_email_url(tmp_path):
    values = settings_of(
        "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "MAIL_SENT_AT_ONCE", tmp_path=tmp_path
    )

    assert values == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_USE_TLS": True,
        "MAIL_SENT_AT_ONCE": False,
    }
