"""Shared by all tests: figures are drawn without a screen, and what takes longest begins first."""

import os

FIRST = ("test_examples.py", "test_fit.py", "test_examples_in_docstrings.py", "test_calibrate.py", "test_sample.py")
"""Files that take longest, one process each; last in line they would keep one process busy while the other is idle."""

os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_collection_modifyitems(items):
    """Longest files first, the others as they were."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
