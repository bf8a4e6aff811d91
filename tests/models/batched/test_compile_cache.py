"""A compiled density is never older than the sources it was made of: they change, and the next process computes the new density."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import forcest
from forcest.models.lanes.compile import sources_digest

SOURCE = Path(forcest.__file__).parent
CONSTANT = ("COUNT_NOISE = 3 /", "COUNT_NOISE = 9 /")  # of the same length: the size of the file does not tell
NAMES_WITH_KERNELS = """
    files = [file.stat() for file in sorted(Path(__file__).parents[1].rglob("*.py")) if "kernels" in file.name]
    return str([(found.st_mtime, found.st_size) for found in files])
"""
PROGRAM = """
import json
import numpy as np
from forcest.models.loss_model import LossModel
from small_models import claim, ledger
flow = claim("a", "killed", 9, scope="flow", window_start="2025-01-02", window_end="2025-01-31", as_of="2025-01-31")
bound = LossModel(start="2025-01-01", end="2025-02-18", kinds=("killed",)).on(ledger(flow))
density = bound.density()
position = density.coordinates.prior_positions(np.random.default_rng(1), 1)
p = density.coordinates.parameters_of(position)
variants = bound.likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data)
formulas = density.coordinates.log_prior(position)[0] + bound.likelihood.total(variants, bound.data)
print(json.dumps([float(density(position)[0][0]), float(formulas[0])]))
"""


class Copy:
    """A copy of the package with a cache of its own, whose sources a test may change."""

    def __init__(self, folder: Path):
        self.package, self.cache = folder / "forcest", folder / "cache"
        shutil.copytree(SOURCE, self.package, ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a source file, and leave its time as it was."""
        path = self.package / file
        text, times = path.read_text(encoding="utf-8"), path.stat()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def densities(self) -> tuple[float, float]:
        """Log density of the kernels, and of the formulas, which are never stored; computed by a new process."""
        tests = Path(__file__).parents[2]
        paths = os.pathsep.join([str(self.package.parent), str(tests)])
        environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(self.cache)}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
        kernels, formulas = json.loads(done.stdout)
        return kernels, formulas


@pytest.mark.slow
def test_a_changed_constant_moves_the_batched_density_as_it_moves_the_formulas(tmp_path):
    copy = Copy(tmp_path)
    before = copy.densities()
    copy.edit("models/reporting/likelihood.py", *CONSTANT)
    after = copy.densities()
    assert before[0] == pytest.approx(before[1], rel=1e-12)
    assert after[0] == pytest.approx(after[1], rel=1e-12)
    assert abs(after[1] - before[1]) > 1e-4


@pytest.mark.slow
def test_a_rule_that_looks_at_the_names_of_files_is_caught(tmp_path):
    copy = Copy(tmp_path)
    body = (copy.package / "models/lanes/compile.py").read_text(encoding="utf-8").split("    root = Path(__file__)")[1]
    copy.edit("models/lanes/compile.py", "    root = Path(__file__)" + body, NAMES_WITH_KERNELS)
    before = copy.densities()
    copy.edit("models/reporting/likelihood.py", *CONSTANT)
    kernels, formulas = copy.densities()
    assert kernels == before[0]
    assert abs(formulas - before[1]) > 1e-4


def test_every_source_of_the_models_counts(monkeypatch, tmp_path):
    shutil.copytree(SOURCE / "models", tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("forcest.models.lanes.compile.__file__", str(tmp_path / "models" / "lanes" / "compile.py"))
    digest = sources_digest.__wrapped__
    assert digest() == sources_digest()
    (tmp_path / "models" / "process" / "new.py").write_text("X = 1", encoding="utf-8")
    assert digest() != sources_digest()
