from __future__ import annotations

from collections.abc import Mapping

from django.urls import URLPattern, path

from .base import Page


def page_urls(
    stem: str,
    *,
    list: type[Page] | None = None,
    detail: type[Page] | None = None,
    edit: type[Page] | None = None,
    create: type[Page] | None = None,
    delete: type[Page] | None = None,
    actions: Mapping[str, type[Page]] | None = None,
) -> list[URLPattern]:
    """The addresses of one kind: its list, `new/`, `<id>/`, `<id>/edit/`, `<id>/delete/` and `<id>/<verb>/`.

    Names are `<stem>_list|create|detail|edit|delete|<verb>`. The edit page also creates, unless another one is given.
    In the app's urls: `path("customers/", include(page_urls("customer", list=CustomerList, …)))`.
    """
    pages: dict[str, tuple[str, type[Page] | None]] = {
        "list": ("", list),
        "create": ("new/", create or edit),
        "detail": ("<int:pk>/", detail),
        "edit": ("<int:pk>/edit/", edit),
        "delete": ("<int:pk>/delete/", delete),
    }
    for verb, page in (actions or {}).items():
        pages[verb] = (f"<int:pk>/{verb.replace('_', '-')}/", page)
    return [
        path(address, page.as_view(), name=f"{stem}_{verb}")
        for verb, (address, page) in pages.items()
        if page is not None
    ]
