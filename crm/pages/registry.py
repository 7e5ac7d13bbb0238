"""The list pages of the product by kind. Export, bulk jobs, saved views and the tests that sweep them read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from .views import ListPage


class _ListPages(Mapping[str, "type[ListPage]"]):
    """{kind: list page}. A page registers when its class is made; a worker, which reads no URL map, finds them too."""

    def __init__(self) -> None:
        self._pages: dict[str, type[ListPage]] = {}
        self._looked = False

    def add(self, page: type[ListPage]) -> None:
        known = self._pages.get(page.kind)
        if known and (known.__module__, known.__qualname__) != (page.__module__, page.__qualname__):
            raise ValueError(f"Two list pages for “{page.kind}”: {known.__qualname__}, {page.__qualname__}.")
        self._pages[page.kind] = page

    def kind_of(self, model: type[Model]) -> str | None:
        return next((page.kind for page in self.values() if page.model is model), None)

    def _discovered(self) -> dict[str, type[ListPage]]:
        if not self._looked:
            self._looked = True
            autodiscover_modules("views")
        return self._pages

    def __getitem__(self, kind: str) -> type[ListPage]:
        return self._discovered()[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._discovered())

    def __len__(self) -> int:
        return len(self._discovered())


list_pages = _ListPages()
