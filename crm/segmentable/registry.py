"""The traits by name. Apps that do not know each other meet here, as they do for cards and search."""

from __future__ import annotations

from django.utils.module_loading import autodiscover_modules

from .traits import Trait

_traits: dict[str, Trait] = {}
_looked = False


def register(*items: Trait) -> None:
    """Called in `<app>/segmentable.py`. Names are `<app>.<word>` and stay: saved segments keep them."""
    for item in items:
        _traits[item.name] = item


def traits() -> dict[str, Trait]:
    global _looked  # reading the apps' modules once is the point
    if not _looked:
        _looked = True
        autodiscover_modules("segmentable")
    return _traits


def find(name: str) -> Trait | None:
    """None for a trait whose app is gone, or that never was."""
    return traits().get(name)
