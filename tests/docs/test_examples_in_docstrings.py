"""Every public function and class has an example, and every example runs as it stands."""

from __future__ import annotations

import doctest
import inspect

import matplotlib.pyplot as plt
import pytest

import forcest as fc
from public_names import public_names

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
DOCUMENTED = {name: value for name, value in public_names().items() if inspect.isfunction(value) or inspect.isclass(value)}


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTED)
def test_example_runs(name, given, monkeypatch):
    folder, names = given
    monkeypatch.chdir(folder)
    _, _, examples = inspect.getdoc(DOCUMENTED[name]).partition("\nExamples\n--------\n")
    found = doctest.DocTestParser().get_doctest(examples, dict(names), name, None, 0)
    said = []
    done = doctest.DocTestRunner(optionflags=FLAGS).run(found, out=said.append)
    plt.close("all")
    assert done.failed == 0, "".join(said)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_name_has_an_example_that_is_run(name):
    _, _, examples = inspect.getdoc(DOCUMENTED[name]).partition("\nExamples\n--------\n")
    run = [example for example in doctest.DocTestParser().get_examples(examples) if not example.options.get(doctest.SKIP)]
    assert run, f"{name} must have a section Examples with at least one line that runs"


def test_a_wrong_example_fails():
    wrong = doctest.DocTestParser().get_doctest(">>> fc.between(1, 2).high\n3.0\n", {"fc": fc}, "wrong", None, 0)
    assert doctest.DocTestRunner(optionflags=FLAGS).run(wrong, out=lambda _: None).failed == 1
