"""`.env.example` and the settings name the same variables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def read_by_settings() -> set[str]:
    """The names in `env.<type>("NAME", …)`, wherever they stand in the settings."""
    tree = ast.parse((PROJECT / "crm" / "settings.py").read_text())
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.func.attr != "read_env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_example_names_every_variable_of_the_settings_and_no_other():
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))

    assert "SECRET_KEY" in named
    assert named == read_by_settings()


def test_settings_read_the_environment_through_env_only():
    tree = ast.parse((PROJECT / "crm" / "settings.py").read_text())
    reads = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and ast.unparse(node.value) == "os"
    ]

    # The one place that fills Env.
    assert reads == ["os.environ"]
