"""Static files that are not in the repository: the npm files we serve, and the icon sprite made from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import Error
from django.core.files.storage import FileSystemStorage

from .icons import SPRITE, build_sprite, fingerprint

# Name under /static/ → file below node_modules. Only these: a package holds much that is not ours to publish.
VENDOR = {
    "vendor/tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/sortable.js": "sortablejs/Sortable.min.js",
    "vendor/tom-select.js": "tom-select/dist/js/tom-select.complete.min.js",
    "vendor/tom-select.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/vega.js": "vega/build/vega.min.js",
    "vendor/vega-lite.js": "vega-lite/build/vega-lite.min.js",
    "vendor/vega-embed.js": "vega-embed/build/vega-embed.min.js",
    # Named at the end of the files above; collectstatic refuses a name that it cannot find.
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/tom-select.complete.min.js.map": "tom-select/dist/js/tom-select.complete.min.js.map",
    "vendor/tom-select.bootstrap5.min.css.map": "tom-select/dist/css/tom-select.bootstrap5.min.css.map",
    "vendor/vega-lite.min.js.map": "vega-lite/build/vega-lite.min.js.map",
    "vendor/vega-embed.min.js.map": "vega-embed/build/vega-embed.min.js.map",
}


class VendorFinder(BaseFinder):
    """Finds the files of VENDOR, and the sprite, which is built when it is missing or its list has changed."""

    def check(self, **kwargs):
        missing = [name for name in VENDOR.values() if not (_packages() / name).is_file()]
        if not missing:
            return []
        return [Error(f"Not installed: {', '.join(missing)}.", hint="Run `npm ci`.", id="pages.E001")]

    def find(self, path, find_all=False, **kwargs):
        found = self._file(path)
        if found is None or not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in (*VENDOR, SPRITE):
            if not matches_patterns(name, ignore_patterns):
                yield name, _OneFile(location=self._file(name))

    def _file(self, name: str) -> Path | None:
        if name == SPRITE:
            return _built_sprite()
        return _packages() / VENDOR[name] if name in VENDOR else None


class _OneFile(FileSystemStorage):
    """A storage in which every name is the one file: collectstatic copies it under the name that `list` gave."""

    prefix = ""

    def path(self, name):
        return str(self.location)

    def exists(self, name):
        return Path(self.location).is_file()


def _packages() -> Path:
    return Path(settings.BASE_DIR) / "node_modules"


def _built_sprite() -> Path:
    built = Path(settings.DATA_DIR) / "built" / f"icons-{fingerprint()}.svg"
    if not built.is_file():
        built.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and moved: another process may be serving it.
        partly = built.with_suffix(".part")
        partly.write_text(build_sprite(_packages() / "@tabler/icons/icons/outline"), encoding="utf-8")
        partly.replace(built)
    return built
