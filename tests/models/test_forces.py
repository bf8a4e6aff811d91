"""A ledger that counts several forces: a source is enemy for one and own for another, and its biases are kept apart."""

import numpy as np

from forcest.models.description.calendar import Grid
from forcest.models.reporting.arrays import claim_arrays
from forcest.models.reporting.bias import Bias
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.layout import layout_of
from forcest.models.reporting.origins import merge_origins
from forcest.models.reporting.readings import Curve
from small_models import claim, ledger

FORCES = ("X", "Y")
GRID = Grid(np.datetime64("2025-01-01").item(), np.datetime64("2025-03-31").item(), 1)


def claims_of(*rows):
    return merge_origins(ledger(*rows).usable(), {})[0]


def four_voices():
    """A party, on its own side and the other's, and a third party on both."""
    return claims_of(
        claim("a", "killed", 100, source="P", stance="enemy"),
        claim("b", "killed", 40, source="P", stance="own", force="Y"),
        claim("c", "killed", 70, source="Q", stance="third_party"),
        claim("d", "killed", 60, source="Q", stance="third_party", force="Y"),
    )


def test_a_party_is_two_speakers_and_a_third_party_is_one():
    layout = layout_of(four_voices(), Reporting(), FORCES)
    assert layout.sources == ("P", "Q")
    assert layout.speakers == ("P (enemy)", "P (own)", "Q")
    assert layout.stances == ("enemy:losses:X", "own:losses:Y", "third_party:losses:X", "third_party:losses:Y")
    assert layout.source_classes == (("P", "losses", "X"), ("P", "losses", "Y"), ("Q", "losses", "X"), ("Q", "losses", "Y"))
    assert layout.curves == (Curve(("killed",), force="X"), Curve(("killed",), force="Y"))


def test_every_claim_finds_the_bias_of_its_force():
    claims = four_voices()
    layout = layout_of(claims, Reporting(), FORCES)
    data = claim_arrays(claims, layout, GRID, Reporting())
    assert data.level.tolist() == [0, 1, 2, 3]
    assert data.source.tolist() == [0, 1, 2, 2]
    assert data.source_class.tolist() == [0, 1, 2, 3]
    assert (data.reading_nodes[:, 0] // GRID.size).tolist() == [0, 1, 0, 1]


def test_biases_are_given_out_by_force_and_source():
    claims = four_voices()
    term = Bias(Reporting(), layout_of(claims, Reporting(), FORCES))
    p = {q.name: np.zeros((1, *q.shape)) for q in term.parameters()}
    p["stance_level"] = np.log([[2.0, 0.5, 1.0, 1.25]])
    p["source_scale"][:], p["source_offset"][:] = 1.0, np.log([1.0, 1.0, 3.0])
    p["source_class_scale"][:], p["source_class_offset"][:] = 1.0, np.log([1.5, 1.0, 1.0, 1.0])
    rows = [c.row | {"measure_class": "losses"} for c in claims]
    found = term.by_source(p, rows, ("strength", "losses"))
    assert term.dims == ("force", "source", "measure_class")
    np.testing.assert_allclose(found[0, :, :, 1], [[3.0, 3.0], [0.5, 3.75]])
    assert np.isnan(found[0, :, :, 0]).all()


def test_drift_belongs_to_a_source_on_one_force():
    spoken = {"X": (1, 2), "Y": (2,)}
    rows = [
        claim(f"{force}{m}-{d}", "killed", 10 * m + d, source="P", force=force, as_of=f"2025-0{m}-0{d}")
        for force, months in spoken.items()
        for m in months
        for d in (1, 2)
    ]
    claims = claims_of(*rows)
    layout = layout_of(claims, Reporting(), FORCES)
    assert layout.bulletins == ((("P", "losses", "X"), ("2025-01", "2025-02")),)
    drift = claim_arrays(claims, layout, GRID, Reporting()).drift
    assert drift.tolist() == [c.row["as_of"].month - 1 if c.row["force"] == "X" else -1 for c in claims]


def test_a_claim_that_repeats_one_on_another_force_is_no_copy_of_it():
    rows = ledger(claim("a", "killed", 100), claim("b", "killed", 100, force="Y", origin="a"))
    claims, left_out = merge_origins(rows.usable(), {"b": ("a",)})
    assert [c.id for c in claims] == ["a"]
    assert left_out[0].reason == "repeats a for another force"


def test_one_force_keeps_its_plain_labels():
    layout = layout_of(claims_of(claim("a", "killed", 100), claim("b", "killed", 50, source="B")), Reporting())
    assert layout.speakers == layout.sources == ("A", "B")
    assert layout.stances == ("enemy:losses",)
    assert layout.curves == (Curve(("killed",)),)


def test_casualties_are_what_the_model_has_kinds_for():
    row = claim("a", "casualties", 100)
    kinds = ("killed", "wounded")
    assert layout_of(claims_of(row), Reporting(), kinds={"": kinds}).curves == (Curve(("killed", "wounded")),)
    assert layout_of(claims_of(row), Reporting(), kinds={"": ("killed", "casualties")}).curves == (Curve(("casualties",)),)
    assert len(layout_of(claims_of(row), Reporting()).curves) == 2


def test_a_source_with_two_kinds_of_statement_is_two_speakers():
    spoken = claim("a", "killed", 100, source="Ministry", stance="own")
    listed = claim("b", "killed", 60, source="Ministry", stance="name_list", as_of="2025-02-01")
    layout = layout_of(claims_of(spoken, listed), Reporting())
    assert layout.speakers == ("Ministry (name_list)", "Ministry (own)")
    assert layout.stances == ("name_list:losses", "own:losses")
