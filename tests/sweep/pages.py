"""Every page of the product, from the URL maps, and how to address it with somebody's ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.views.generic import RedirectView

from crm.pages.registry import list_pages
from crm.public.addresses import LINK_URLCONF, PUBLIC_URLCONF, link_path, public_path
from crm.public.tokens import make_token
from crm.tenancy.lints.kinds import all_models
from crm.tenancy.urls import TENANT_URLCONF, platform_reverse, tenant_prefix, tenant_reverse

from .canary import Canary
from .exempt import MODELS, NO_PAGES, PARAMETERS

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Page:
    """One entry of a URL map. `ids` are its parameters that name a record, `words` the others."""

    urlconf: str
    name: str
    route: str
    view: Any = field(repr=False, compare=False)
    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name or f"({self.route})"

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin:")

    @property
    def model(self) -> type[models.Model] | None:
        """The model whose rows the page is about, as its view says it, or as the admin's names do."""
        if self.name in MODELS:
            return apps.get_model(MODELS[self.name])
        said = getattr(getattr(self.view, "view_class", None), "model", None)
        return said or next(
            (one for one in all_models() if f"{one._meta.app_label}_{one._meta.model_name}_" in self.name), None
        )

    def urls(self, canary: Canary, ids: Canary) -> Iterator[str]:
        """Addresses in the tenant of `canary`, naming the rows of `ids`. Where no model is known, each row is tried."""
        if self.model in ids.rows:
            keys = [ids.rows[self.model].pk]
        else:
            keys = sorted({row.pk for row in ids.rows.values() if isinstance(row.pk, int)})
        values = [(keys if name in self.ids else self._words(name)) for name in (*self.ids, *self.words)]
        for chosen in product(*values):
            arguments = dict(zip((*self.ids, *self.words), chosen, strict=True))
            if not self.name:
                path = _PARAMETER.sub(lambda found, given=arguments: str(given[found[1]]), self.route)
                yield (tenant_prefix(canary.tenant.slug) if self.urlconf == TENANT_URLCONF else "/") + path
            elif self.urlconf == TENANT_URLCONF:
                yield tenant_reverse(canary.tenant, self.name, **arguments)
            elif self.urlconf == PUBLIC_URLCONF:
                yield public_path(canary.tenant, self.name, **arguments)
            elif self.urlconf == LINK_URLCONF:
                row = ids.rows[self.model].pk if self.model else 0
                token = make_token(canary.tenant, self.view.view_class.kind, row)
                yield link_path(token, self.name, **arguments)
            else:
                yield platform_reverse(self.name, **arguments)

    def url(self, canary: Canary) -> str:
        """The first address with the tenant's own ids."""
        return next(self.urls(canary, canary))

    def _words(self, name: str) -> list[str]:
        said = PARAMETERS.get(f"{self.name}.{name}") or PARAMETERS.get(name)
        if said is not None:
            return list(said)
        # The admin writes its values into the pattern.
        if listed := re.search(rf"\(\?P<{name}>([\w|]+)\)", self.route):
            return listed[1].split("|")
        if name == "kind":
            return [*list_pages]
        if name == "verb":
            return sorted({action.verb for page in list_pages.values() for action in page.bulk_actions})
        raise LookupError(f"{self}: say in tests/sweep/exempt.py which values {name!r} takes")


def every_entry(urlconf: str) -> list[Page]:
    return list(_walk(get_resolver(urlconf), urlconf))


def pages(urlconf: str) -> list[Page]:
    return [page for page in every_entry(urlconf) if page.route not in NO_PAGES and not _leads_on(page)]


def _leads_on(page: Page) -> bool:
    """A former address that leads to another page, which is tried itself."""
    view = getattr(page.view, "view_class", None)
    return isinstance(view, type) and issubclass(view, RedirectView)


def tenant_pages() -> list[Page]:
    return pages(TENANT_URLCONF)


def platform_pages() -> list[Page]:
    return pages(settings.ROOT_URLCONF)


def public_pages() -> list[Page]:
    """What is open without login: below the tenant's address, and behind signed links."""
    return pages(PUBLIC_URLCONF) + pages(LINK_URLCONF)


def _walk(
    resolver: URLResolver, urlconf: str, route: str = "", namespace: str = "", above: dict[str, Any] | None = None
) -> Iterator[Page]:
    for entry in resolver.url_patterns:
        below = route + str(entry.pattern)
        converters = (above or {}) | dict.fromkeys(_groups(entry)) | entry.pattern.converters
        if isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}" if entry.name else ""
            ids = {key for key, converter in converters.items() if _names_a_record(key, converter)}
            yield Page(urlconf, name, below, entry.callback, tuple(sorted(ids)), tuple(sorted(converters.keys() - ids)))
        else:
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, urlconf, below, inside, converters)


def _groups(entry: URLPattern | URLResolver) -> list[str]:
    """The parameters of a pattern that is a regular expression."""
    regex = getattr(entry.pattern, "regex", None)
    return list(regex.groupindex) if regex is not None else []


def _names_a_record(name: str, converter: Any) -> bool:
    return isinstance(converter, IntConverter | UUIDConverter) or name in {"pk", "object_id", "id"}
