"""What a task leaves in the log and the metrics, run by a real worker."""

import pytest
from celery import Celery, current_app
from celery.contrib.testing.worker import start_worker
from prometheus_client.parser import text_string_to_metric_families

from crm.observe.metrics import exposition
from crm.observe.request_id import clear_request_id, current_request_id, set_request_id
from tests.crm.jobs.harness import wait_for

app = Celery("observed", broker="memory://", backend="cache+memory://", set_as_current=False)
# Kept in memory, the broker is one for all applications of the process: what other tests left is not for this worker.
app.conf.task_default_queue = "observed"


@app.task(name="test.greets")
def greets(name: str) -> str:
    return current_request_id()


@app.task(name="test.fails")
def fails(name: str) -> None:
    raise ValueError(f"no such person: {name}")


@pytest.fixture
def worker():
    product = current_app._get_current_object()
    try:
        with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            yield
    finally:
        # Celery makes the application of a started worker everybody's; the tasks of later tests are not its own.
        product.set_current()
        product.set_default()


def task_lines(lines):
    return [line for line in lines() if line["event"].startswith("task")]


def test_a_task_is_one_line_with_the_number_of_its_request(worker, lines):
    number = set_request_id(None)
    result = greets.delay("张三丰")
    clear_request_id()

    assert result.get(timeout=10) == number
    # The line is written after the result is there.
    (line,) = wait_for_lines(lines, 1)
    assert (line["event"], line["task"], line["state"], line["request_id"]) == (
        "task",
        "test.greets",
        "success",
        number,
    )
    assert line["ms"] >= 0
    assert "张三丰" not in str(lines())


def test_a_failure_says_where_and_not_what(worker, lines):
    with pytest.raises(ValueError, match="张三丰"):
        fails.delay("张三丰").get(timeout=10)

    failed, ended = wait_for_lines(lines, 2)
    assert (failed["level"], failed["errors"][0]["type"]) == ("error", "builtins.ValueError")
    assert "test_work.py" in failed["errors"][0]["at"][-1]
    assert ended["state"] == "failure"
    assert "张三丰" not in str(lines())


@pytest.mark.django_db
def test_tasks_are_counted_by_name_and_outcome(worker, lines):
    greets.delay("x").get(timeout=10)
    wait_for_lines(lines, 1)

    counted = {
        (sample.labels["task"], sample.labels["state"])
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
        if sample.name == "crm_task_seconds_count"
    }
    assert ("test.greets", "success") in counted


def wait_for_lines(lines, count: int):
    wait_for(lambda: len(task_lines(lines)) >= count, seconds=10)
    return task_lines(lines)
