"""One JSON object per line in production, readable lines while debugging; numbers of tenants and people, never data.

What a person typed, names, addresses and tokens must not get into a log by accident. So a line has a fixed text and
named values; the path and the query of a request are left out (the route's name says enough); and of an exception the
type, the places in the code and PostgreSQL's codes are kept, not its message, which often quotes the data.
"""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.template.exceptions import TemplateDoesNotExist, TemplateSyntaxError
from structlog.typing import EventDict, WrappedLogger

from crm.tenancy.context import current_tenant_id_or_none, current_user_id_or_none

from .request_id import current_request_id

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_FRAMES = 30
# Mistakes in the code, whose messages name code and not data.
_MESSAGE_IS_CODE = (
    AttributeError, ImportError, NameError, ImproperlyConfigured, TemplateSyntaxError, TemplateDoesNotExist,
)  # fmt: skip
# Their lines carry paths, addresses or arguments; ours say what is worth knowing of them (middleware.py, work.py).
_QUIET = {
    "django.request": "CRITICAL",
    "django.server": "CRITICAL",
    "django.security": "ERROR",
    "django.security.csrf": "CRITICAL",
    "celery.app.trace": "CRITICAL",
    "celery.worker.strategy": "WARNING",
    "celery.utils.functional": "WARNING",
    "kombu": "WARNING",
    "granian.access": "CRITICAL",
    "fontTools": "WARNING",
    "weasyprint": "ERROR",
}


def add_scope(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """For whom the code runs, by number."""
    for key, value in (
        ("request_id", current_request_id()),
        ("tenant", current_tenant_id_or_none()),
        ("user", current_user_id_or_none()),
    ):
        if value:
            event.setdefault(key, value)
    return event


def without_message(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace an exception by what can be said of it without quoting data."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if exc_info and exc_info[1] is not None:
        event["errors"] = [_describe(error) for error in _causes(exc_info[1])]
    return event


def _causes(error: BaseException) -> list[BaseException]:
    """From the error to what caused it first."""
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return chain


def _describe(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    said = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, _MESSAGE_IS_CODE):
        said["message"] = str(error)
    diagnosis = getattr(error, "diag", None)
    for key in ("sqlstate", "table_name", "column_name", "constraint_name"):
        value = getattr(diagnosis, key, None)
        if value:
            said[key] = value
    return said


def plain_arguments(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop what other libraries hang onto a record: Django puts the whole request there."""
    for key in ("request", "status_code", "server_time", "params", "sql", "data"):
        event.pop(key, None)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    plain_arguments,
    add_scope,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, debug: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. Every logger of the process, ours or not, ends in the same line format."""
    if debug:
        renderer: list[Any] = [
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        ]
    else:
        renderer = [without_message, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    quiet = {
        name: {"level": "DEBUG" if debug and name == "django.server" else lowest} for name, lowest in _QUIET.items()
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own configuration hangs handlers here; ours are at the root.
        "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}} | quiet,
    }


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """`log.info("words that stay the same", key=value)`: what changes is a value, and no value is personal."""
    return structlog.stdlib.get_logger(name)


def leave_logging_alone(**kwargs: Any) -> None:
    """That somebody listens to Celery's signal keeps it from replacing Django's logging by its own."""
