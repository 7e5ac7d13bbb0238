import json
import logging
from io import StringIO

import pytest

from crm.observe.logs import logging_config


@pytest.fixture
def lines():
    """The log of the test, as production writes it, read back line by line."""
    output = StringIO()
    formatter = logging_config(debug=False, level="DEBUG")["formatters"]["lines"]
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
