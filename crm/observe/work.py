"""The same for tasks: the number of the request that asked for the work, one line, and the metrics."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from celery import signals

from . import logs
from .metrics import TASKS
from .request_id import clear_request_id, current_request_id, set_request_id

log = logs.get_logger(__name__)

_HEADER = "request_id"
_began: dict[str, float] = {}


def connect() -> None:
    signals.setup_logging.connect(logs.leave_logging_alone, dispatch_uid="observe-logging")
    signals.before_task_publish.connect(_send_number, dispatch_uid="observe-publish")
    signals.task_prerun.connect(_begin, dispatch_uid="observe-begin")
    signals.task_retry.connect(_retried, dispatch_uid="observe-retry")
    signals.task_postrun.connect(_end, dispatch_uid="observe-end")
    signals.task_failure.connect(_failed, dispatch_uid="observe-failure")


def _send_number(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None and current_request_id():
        headers.setdefault(_HEADER, current_request_id())


def _begin(task_id: str, task: Any, **kwargs: Any) -> None:
    if task.request.called_directly or task.request.is_eager:
        return
    set_request_id(getattr(task.request, _HEADER, None))
    _began[task_id] = perf_counter()


def _end(task_id: str, task: Any, state: str | None = None, **kwargs: Any) -> None:
    began = _began.pop(task_id, None)
    if began is None:
        return
    seconds = perf_counter() - began
    state = (state or "unknown").lower()
    TASKS.labels(task.name, state).observe(seconds)
    log.info("task", task=task.name, task_id=task_id, state=state, ms=round(seconds * 1000, 1))
    clear_request_id()


def _retried(request: Any, reason: Any, **kwargs: Any) -> None:
    log.warning("task will be tried again", task=request.task, task_id=request.id, error=type(reason).__name__)


def _failed(task_id: str, exception: BaseException, sender: Any, **kwargs: Any) -> None:
    log.error("task failed", task=sender.name, task_id=task_id, exc_info=exception)
