"""The icons of the product: named outlines of Tabler Icons, gathered into one file that the browser keeps.

The whole set is 2.2 MB; only the names below go into the sprite. To use another one, add its name (a file of
node_modules/@tabler/icons/icons/outline). The sprite is built by the static files finder; nothing of it is committed.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

SPRITE = "icons.svg"

_NAMES = """
activity address-book adjustments-horizontal alarm alert-circle alert-triangle archive arrow-back-up arrow-down
arrow-left arrow-merge arrow-narrow-down arrow-narrow-up arrow-right arrow-right-circle arrow-up arrows-exchange
arrows-sort ban bell bolt bookmark books box brand-wechat briefcase brightness building building-store bulb calendar
calendar-due calendar-event calendar-time category certificate chart-bar chart-dots chart-line chart-pie check
checkbox checklist chevron-down chevron-left chevron-right chevron-up chevrons-left chevrons-right circle-check
circle-dashed circle-x clipboard-list clock cloud-download coin columns columns-3 contract copy corner-down-left
credit-card currency-yuan database database-import device-desktop device-floppy device-mobile devices diamond
discount dots dots-vertical download droplet edit external-link eye eye-off file file-export file-import
file-invoice file-spreadsheet file-text file-type-csv file-type-pdf files filter filter-off flag flame folder
folders forms gauge gift git-merge hand-stop hash headset heart help help-circle hierarchy history home hourglass id
inbox info-circle key keyboard language layout-dashboard layout-kanban layout-list layout-sidebar-left-collapse
layout-sidebar-left-expand lifebuoy link list list-check list-details list-search loader-2 lock logout mail
mail-forward mail-opened map-pin mask menu-2 message message-2 message-circle message-plus messages mood-sad
mood-smile moon network note notes notification package paperclip password-fingerprint pencil percentage phone
phone-call phone-incoming phone-off pin player-pause player-play player-stop plug plus point presentation printer
progress qrcode receipt receipt-2 refresh report report-analytics report-money robot rotate route ruler-2 scale
school search select send server settings shield shield-check shield-lock shopping-cart sitemap sort-ascending
sort-descending sparkles speakerphone square-check stack-2 star sun switch-horizontal table table-export
table-import table-options tag tags target target-arrow template thumb-up ticket timeline timeline-event tool
transfer-in transform trash trending-up trophy truck-delivery upload user user-check user-circle user-cog user-off
user-plus user-search user-share users users-group versions wallet wand webhook world writing x zoom-in
"""
ICONS = tuple(_NAMES.split())

_SVG = re.compile(r"<svg[^>]*>(?P<inside>.*)</svg>", re.DOTALL)
# Outlines begin with an invisible square that only marks the canvas.
_CANVAS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class MissingIcon(RuntimeError):
    """A name in ICONS is not in the installed @tabler/icons: a mistake in this file, or npm packages not installed."""


def icon(name: str, label: str = "") -> SafeString:
    """An icon. Beside words it is decoration; alone it needs a label for those who do not see it."""
    return _icon(name, str(label), _sprite_url())


@lru_cache(maxsize=1_024)
def _icon(name: str, label: str, sprite: str) -> SafeString:
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(f'<svg class="gx-icon" {said}><use href="{sprite}#{escape(name)}"></use></svg>')


def _sprite_url() -> str:
    return _remembered_url() if not settings.DEBUG else static(SPRITE)


@lru_cache(maxsize=1)
def _remembered_url() -> str:
    # The name with its hash does not change while the process lives.
    return static(SPRITE)


def build_sprite(source: Path) -> str:
    """One SVG with a <symbol> per icon. `source` is the folder of outlines."""
    symbols = "".join(_symbol(source, name) for name in ICONS)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'


def _symbol(source: Path, name: str) -> str:
    path = source / f"{name}.svg"
    if not path.is_file():
        raise MissingIcon(f"There is no icon “{name}”. Run `npm ci`, or correct crm/pages/icons.py.")
    match = _SVG.search(path.read_text(encoding="utf-8"))
    if match is None:
        raise MissingIcon(f"{path.name} is not an SVG.")
    inside = re.sub(r"\s+", " ", _CANVAS.sub("", match["inside"])).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>'


def fingerprint() -> str:
    """Changes when the list of icons does."""
    return hashlib.sha256(" ".join(ICONS).encode()).hexdigest()[:12]
