"""Lists as files. What others use: `from crm.exports import start_export`; see docs/import.md.

The name is looked up when first used, because models cannot be imported while apps are being loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .operations import start_export

__all__ = ["start_export"]


def __getattr__(name: str) -> Any:
    if name == "start_export":
        return import_module(".operations", __name__).start_export
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
