"""Icons and npm files."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from crm.pages.finders import VENDOR
from crm.pages.icons import ICONS, MissingIcon, build_sprite, icon

BASE = Path(settings.BASE_DIR)
APPS = [path for path in BASE.iterdir() if (path / "__init__.py").is_file() and path.name != "tests"]
NAMED = re.compile(r"""(?:\bicon=|\{% icon |<c-icon name=)["']([a-z][a-z0-9-]+)["']""")
ACTION = re.compile(r"""PageAction\(\s*["']\w+["'],\s*_\([^)]*\),\s*["']([a-z0-9-]+)["']""")


def used_icons():
    files = [*(BASE / "templates").rglob("*.html"), *(path for app in APPS for path in app.rglob("*.py"))]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for name in (*NAMED.findall(text), *ACTION.findall(text)):
            yield name, path.name


def test_every_icon_that_is_used_is_in_the_sprite():
    missing = sorted({f"{name} in {where}" for name, where in used_icons() if name not in ICONS})

    assert missing == []
    assert len(set(used_icons())) > 20


def test_the_sprite_has_a_symbol_for_each_icon_and_no_canvas():
    sprite = Path(finders.find("icons.svg")).read_text(encoding="utf-8")

    assert re.findall(r'<symbol id="([^"]+)"', sprite) == list(ICONS)
    assert 'd="M0 0h24v24H0z"' not in sprite
    assert len(sprite) < 120_000


def test_a_name_that_is_no_icon_is_said(tmp_path):
    with pytest.raises(MissingIcon, match="activity"):
        build_sprite(tmp_path)


def test_an_icon_beside_words_is_hidden_and_one_alone_is_named():
    assert 'aria-hidden="true"' in icon("phone")
    assert 'role="img" aria-label="&lt;b&gt;"' in icon("phone", "<b>")


def test_only_the_named_npm_files_are_served():
    assert all(finders.find(name) for name in VENDOR)
    assert finders.find("vendor/../package.json") is None
    assert finders.find("vendor/sortablejs/package.json") is None


def test_static_files_can_be_collected_with_hashes(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)

    names = {path.name.split(".")[0] for path in tmp_path.rglob("*.*")}
    assert {"tabler", "htmx", "icons", "guanxi", "app", "theme"} <= names


def test_every_script_and_style_is_our_own():
    own = [*(BASE / "static" / "js").glob("*.js"), *(BASE / "static" / "css").glob("*.css")]
    foreign = [path.name for path in own if re.search(r"https?://(?!www\.w3\.org)", path.read_text(encoding="utf-8"))]

    assert foreign == []
