"""Model files of strangers: one sentence for each, whatever they hold."""

import time

import numpy as np
import pytest

import forcest as fc
from forcest.errors import ForcestError, ModelError

SOUND = """
start = "2024-01-01"
end = "2024-06-01"
[arrivals.first]
size = { low = 3000, high = 30000 }
window = ["2024-01-08", "2024-02-15"]
"""


def read(tmp_path, text):
    path = tmp_path / "model.toml"
    path.write_text(text, encoding="utf-8")
    return fc.read_model(path)


def test_a_sound_file_is_read(tmp_path):
    assert str(read(tmp_path, SOUND).end) == "2024-06-01"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('kind = ["a"]' + SOUND, r"`kind` must be a name in quotation marks, such as \"ForceModel\"; got \['a'\]"),
        ("kind = {a = 1}" + SOUND, r"`kind` must be a name"),
        ("a = " + "[" * 3_000, "must not nest brackets hundreds of levels deep"),
        ("a = " + "9" * 5_000, "must not have numbers of thousands of digits"),
        (SOUND.replace("2024-06-01", "9999-12-31"), r"from 2024-01-01 to 9999-12-31 in steps of 'D', it has 2,913,\d+"),
        (
            SOUND.replace("{ low = 3000, high = 30000 }", '{ family = "lognormal", mu = 1e308, sd = 1 }'),
            r"size: Prior cannot be built\. a prior must lie below 1e\+15; its 90 % interval is inf to inf",
        ),
        ("#" * 1_000_001, r"must have at most 1 MB; it has 1\.0 MB"),
    ],
    ids=["list as kind", "table as kind", "brackets", "digits", "calendar", "prior", "size"],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_a_file_of_strangers_is_refused_in_a_sentence(tmp_path, text, says):
    started = time.perf_counter()
    with pytest.raises(ModelError, match=says):
        read(tmp_path, text)
    assert time.perf_counter() - started < 5  # what it refuses would take minutes; the first test here also loads the models


@pytest.mark.parametrize("seed", range(80))
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_random_model_files_raise_no_other_error(tmp_path, seed):
    """A small fuzz: words of a sound file exchanged for others; a seed that fails is kept here by its number."""
    rng = np.random.default_rng(seed)
    words = SOUND.split(" ")
    others = [
        "=",
        "[[",
        "]",
        "{",
        "}",
        '"',
        "1e308",
        "-1",
        "nan",
        "inf",
        "true",
        "0",
        "1979-05-27",
        "\n",
        "low",
        "[]",
        "é",
        "'''",
        "9" * 30,
    ]
    for _ in range(rng.integers(1, 4)):
        words[rng.integers(len(words))] = str(rng.choice([*others, *words]))
    try:
        assert read(tmp_path, " ".join(words)).kind == "ForceModel"
    except ForcestError as error:
        assert "model.toml" in str(error) or "cannot be built" in str(error)  # noqa: PT017, most files are refused, some are not
