"""The page on contributing names the files that an addition touches; a kind of casualty is added by it, in a copy."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import forcest

ROOT, SOURCE = Path(__file__).parents[1], Path(forcest.__file__).parent
ROW = """    Measure(
        "interned", "interned in a neutral country", _events("interned"), "losses", "losses", "Interned, cumulative",
        colour="#123456", counted="interned", grows=True, casualty=Casualty(battle=False),
    ),
    Measure(
        "returned_to_duty","""
PROGRAM = """
import json
import numpy as np
from batched_references import Reference, disagreements, near_typical_and_far
from forcest.estimates.measures import MEASURES
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.plots.flow import STATES
from small_models import claim, ledger
claims = ledger(claim("i", "interned", 40), claim("d", "deployed", 900), claim("k", "killed", 50))
model = ForceModel.default(claims).replace(step="W")
bound = model.on(claims)
density = bound.density()
positions = near_typical_and_far(density)
print(json.dumps({
    "kinds": model.casualties.kinds,
    "disagreements": disagreements(density(positions), Reference(bound)(positions)),
    "stored": "interned" in bound.curve_labels,
    "label": MEASURES["interned"].label,
    "state": [name for name, names, _ in STATES if names == ("interned",)],
    "losses": LossModel.default(claims.filter(measure=["interned", "killed"])).kinds,
}))
"""


def files_of(heading: str) -> list[str]:
    """The library's files that a section of the page names."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n#")[0]
    return re.findall(r"^\d\. `([\w/]+\.py)`", section, flags=re.MULTILINE)


def test_every_file_that_the_page_names_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`((?:\w+/)*\w+\.pyi?)`", text) if "/" in name}
    missing = [name for name in named if not any((base / name).exists() for base in (SOURCE, ROOT))]
    assert missing == []


def test_a_kind_of_casualty_is_named_in_the_files_of_the_page_alone():
    naming = {
        file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py") if "deserted" in file.read_text(encoding="utf-8")
    }
    assert naming == set(files_of("A measure"))


@pytest.mark.slow
def test_a_kind_of_casualty_added_by_the_page_is_modelled_compiled_and_shown(tmp_path):
    shutil.copytree(SOURCE, tmp_path / "forcest", ignore=shutil.ignore_patterns("__pycache__"))
    table, mix = (tmp_path / "forcest" / file for file in files_of("A measure"))
    edit(table, '    Measure(\n        "returned_to_duty",', ROW)
    edit(mix, "    sick: Share | None = None\n", "    sick: Share | None = None\n    interned: Share | None = None\n")
    edit(mix, "WIDE_SHARES = {", 'WIDE_SHARES = {"interned": between(0.001, 0.2), ')
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "kinds": ["killed", "wounded", "interned"],
        "disagreements": [],
        "stored": True,
        "label": "Interned, cumulative",
        "state": ["Interned"],
        "losses": ["killed", "interned"],
    }


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
