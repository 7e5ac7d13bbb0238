"""The query lint as a pytest plugin: it listens to every connection, in every test, and prints what it saw.

A statement that a test writes by hand is the test's own affair; what the product runs is judged.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends import utils
from django.db.backends.signals import connection_created

from crm.embedded.provision import APP
from crm.tenancy.lints import query_lint
from crm.tenancy.lints.catalogue_lint import tenant_relations
from crm.tenancy.lints.query_lint import QueryLint, QueryLintError

TESTS = str(Path(__file__).parent)
PASSED_THROUGH = {utils.__file__, query_lint.__file__, __file__}


class Listener(QueryLint):
    """Remembers what it refused, so that product code cannot swallow the error."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.refused: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if context["connection"].settings_dict["USER"] != APP:
            # Migrations and the emptying of tables are the owner's work.
            return execute(sql, params, many, context)
        if not self.names:
            # Below the wrappers. The tables are there once the owner has migrated, and stay the same from then on.
            self.listen_to(tenant_relations(context["connection"].connection.cursor()))
        return super().__call__(execute, sql, params, many, context)

    def refuse(self, sql: str, faults: tuple[str, ...]) -> None:
        if _written_by_a_test():
            self.figures["written by hand in a test"] += 1
            return
        try:
            super().refuse(sql, faults)
        except QueryLintError as error:
            self.refused.append(str(error))
            raise

    def forgive(self) -> None:
        """For the tests of the lint itself."""
        self.refused.clear()
        self.figures["without tenant filter"] = 0


_listener = Listener(())


def listener() -> Listener:
    return _listener


def _written_by_a_test() -> bool:
    frame: Any = sys._getframe(1)
    while frame and (frame.f_code.co_filename in PASSED_THROUGH or frame.f_code.co_filename.endswith("contextlib.py")):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(TESTS)


def _listen(connection: Any, **kwargs: Any) -> None:
    if _listener not in connection.execute_wrappers:
        connection.execute_wrappers.append(_listener)


@pytest.fixture(scope="session", autouse=True)
def _query_lint() -> Iterator[None]:
    connection_created.connect(_listen)
    yield
    connection_created.disconnect(_listen)


@pytest.fixture(autouse=True)
def _statements_have_their_tenant() -> Iterator[None]:
    yield
    refused, _listener.refused = _listener.refused, []
    if refused:
        pytest.fail("Statements without their tenant:\n" + "\n".join(refused), pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["query_lint"] = dict(_listener.figures)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    _listener.figures.update(getattr(node, "workeroutput", {}).get("query_lint", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _listener.figures["statements seen"]:
        figures = ", ".join(f"{name} {count}" for name, count in _listener.figures.items())
        terminalreporter.write_line(f"query lint: {figures}, shapes {len(_listener._shapes)}")
