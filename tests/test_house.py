"""Rules of the project that can be checked automatically: layers, light import, list of subpackages, documented public names."""

import ast
import inspect
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import forcest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "forcest"
HEAVY = ("pymc", "pytensor", "nutpie", "numba", "matplotlib", "pandera", "xarray", "pandas", "arviz_stats")


def imported_by(file):
    """Top-level names (or ``forcest.<subpackage>``) that a source file imports, function-level imports included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            yield ".".join(parts[:2]) if parts[0] == "forcest" else parts[0]


def subpackages_on_disk():
    found = {p.name + "/" for p in SOURCE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    return found | {p.name for p in SOURCE.glob("*.py")}


def test_layers_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True, is_debug_mode=False) == EXIT_STATUS_SUCCESS


# A description is bound by the module that states its density, and that module names the description in its annotations.
PAIRS = [
    ("forcest.models.density.force", "forcest.models.force_model"),
    ("forcest.models.density.losses", "forcest.models.loss_model"),
]


def module_graph():
    """Modules that each module of the library imports, type-checking imports and imports inside functions included."""
    files = {
        ".".join(f.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): f for f in SOURCE.rglob("*.py")
    }
    graph = {}
    for module, file in files.items():
        found = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                named = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= {name if name in files else node.module for name in named}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
        graph[module] = (found & set(files)) - {module}
    return graph


def test_no_modules_import_one_another_but_the_named_pairs():
    graph = module_graph()
    for module, other in PAIRS:
        graph[module].remove(other)
    TopologicalSorter(graph).prepare()  # a CycleError names the modules of a cycle


def test_a_cycle_through_a_type_checking_import_is_noticed():
    with pytest.raises(CycleError):
        TopologicalSorter(module_graph()).prepare()


def test_sampling_is_independent_of_models():
    allowed = {"numpy", "scipy", "numba", "forcest.errors", "forcest.sampling", *sys.stdlib_module_names}
    for file in (SOURCE / "sampling").rglob("*.py"):
        assert set(imported_by(file)) <= allowed, file.relative_to(ROOT)


def test_no_import_of_the_sampler_is_hidden_from_the_layers():
    """Imports for type checkers alone are not counted by import-linter; only the list of public names has any."""
    hiding = {file.name for file in (SOURCE / "sampling").glob("*.py") if "TYPE_CHECKING" in file.read_text(encoding="utf-8")}
    assert hiding == {"__init__.py"}


def bandit(folder):
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--configfile", str(ROOT / "pyproject.toml"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_bandit_finds_nothing():
    done = bandit(SOURCE)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("line", "rule"), [("import pickle\npickle.loads(b'')", "B301"), ("from markupsafe import Markup\nMarkup(x)", "B704")]
)
def test_bandit_would_find_what_a_file_of_strangers_could_use(tmp_path, line, rule):
    (tmp_path / "module.py").write_text(f"{line}\n")
    done = bandit(tmp_path)
    assert done.returncode == 1
    assert rule in done.stdout


def test_architecture_names_every_subpackage_and_no_other():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = text.split("```")[1]
    named = set(re.findall(r"^  ([\w.]+/?)  ", tree, flags=re.MULTILINE))
    assert named == subpackages_on_disk()


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


TABLE_ATTRIBUTES = {"interval", "refused", "sampling_time", "of", "date"}
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
