"""The house rules that a machine can check: floors, light import, room list, documented public names."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import forcest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "forcest"
HEAVY = ("pymc", "pytensor", "nutpie", "numba", "matplotlib", "pandera", "xarray", "pandas", "arviz_stats")


def imported_by(file):
    """Top-level names (or ``forcest.<room>``) that a source file imports, function-level imports included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            yield ".".join(parts[:2]) if parts[0] == "forcest" else parts[0]


def rooms_on_disk():
    found = {p.name + "/" for p in SOURCE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    return found | {p.name for p in SOURCE.glob("*.py")}


def test_floors_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True, is_debug_mode=False) == EXIT_STATUS_SUCCESS


def test_sampling_knows_nothing_of_models():
    allowed = {"numpy", "scipy", "numba", "forcest.errors", "forcest.sampling", *sys.stdlib_module_names}
    for file in (SOURCE / "sampling").rglob("*.py"):
        assert set(imported_by(file)) <= allowed, file.relative_to(ROOT)


def test_architecture_names_every_room_and_no_other():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = text.split("```")[1]
    named = set(re.findall(r"^  ([\w.]+/?)  ", tree, flags=re.MULTILINE))
    assert named == rooms_on_disk()


def test_import_is_light():
    code = f"import sys, forcest; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", forcest.__all__)
def test_public_name_is_documented(name):
    value = getattr(forcest, name)
    doc = inspect.getdoc(value)
    assert doc, f"{name} must have a docstring"
    if inspect.isfunction(value) and inspect.signature(value).parameters:
        assert re.search(r"^Parameters\n-{10}$", doc, flags=re.MULTILINE), f"{name}: section 'Parameters' is missing"
        assert re.search(r"^(Returns|Yields)\n-+$", doc, flags=re.MULTILINE), f"{name}: section 'Returns' is missing"
        for parameter in inspect.signature(value).parameters:
            assert re.search(rf"^\**{parameter}\b.* : |\b{parameter}\b.* : ", doc, flags=re.MULTILINE), (
                f"{name}: parameter {parameter!r} is not documented"
            )


TABLE_ATTRIBUTES = {"interval", "refused", "sampling_time"}
"""Attributes of tables, and one of PyMC; all others are those of fits."""


def raw_reads_of_attributes(source):
    """Lines that read ``.attrs`` other than for an attribute of a table."""
    tree = ast.parse(source)
    of_tables = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in TABLE_ATTRIBUTES
    }
    of_tables |= {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        if isinstance(node.args[0], ast.Constant) and node.args[0].value in TABLE_ATTRIBUTES
    }
    written = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    written |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "attrs" and isinstance(node.ctx, ast.Load)
        if id(node) not in of_tables | written
    ]


def test_the_attributes_of_a_fit_are_read_in_one_place():
    readers = {file.name for file in SOURCE.rglob("*.py") if raw_reads_of_attributes(file.read_text(encoding="utf-8"))}
    assert readers == {"attributes.py"}


@pytest.mark.parametrize(
    "read", ['fit.attrs["quick"]', 'fit.attrs.get("quick", 0)', '"quick" in fit.attrs', "{**fit.attrs}", "a = fit.attrs"]
)
def test_a_raw_read_is_found(read):
    assert raw_reads_of_attributes(read) == [1]
    assert raw_reads_of_attributes('table.attrs["interval"]\nfit.attrs = {}\nfit.attrs["quick"] = 1') == []


def test_stub_lists_what_exists():
    missing = [name for name in forcest.__all__ if not hasattr(forcest, name)]
    assert missing == []


def test_readme_uses_names_that_exist():
    used = set(re.findall(r"\bfc\.(\w+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert used - set(forcest.__all__) == set()
