"""The table of measures is complete: what a claim can count has classes and a curve, what is shown has a name and a colour."""

import numpy as np
import pytest

from forcest.estimates.measures import MEASURES as SHOWN
from forcest.ledger.measures import ADMITTED_KINDS, BATTLE_KINDS, CLASSES, ERROR_CLASSES, KINDS, MEASURES
from forcest.models.density.force_curves import ForceCurves
from forcest.models.process.casualties import CasualtyMix
from forcest.models.reporting.description import ERROR_SCALES, STANCE_LEVELS
from forcest.models.reporting.readings import READS, Curve
from small_models import many_claims, prior_draws, waves_model

CLAIMED = [m for m in MEASURES.values() if any(m.reads.values())]
CURVES = sorted({read.curve for read in READS.values()})


@pytest.fixture(scope="module")
def bound():
    return waves_model(casualties=EVERY_KIND).on(many_claims())


EVERY_KIND = CasualtyMix.counting(KINDS)


@pytest.mark.parametrize("measure", CLAIMED, ids=lambda m: m.name)
def test_what_a_claim_counts_has_words_and_classes(measure):
    assert measure.doc
    assert measure.bias in CLASSES
    assert measure.error in ERROR_CLASSES


def test_every_class_has_the_default_of_its_bias_and_of_its_error():
    assert tuple(STANCE_LEVELS) == ("losses", "strength", "captured", "other")
    assert set(STANCE_LEVELS) == set(CLASSES)
    assert set(ERROR_SCALES) == set(ERROR_CLASSES)


@pytest.mark.parametrize("measure", SHOWN.values(), ids=lambda m: m.name)
def test_what_is_drawn_has_a_colour_of_its_own(measure):
    drawn = [m.name for m in MEASURES.values() if m.colour == measure.colour]
    assert drawn == [measure.name] or not measure.stored
    assert measure.claimed_as in MEASURES


def test_a_growing_curve_is_called_cumulative():
    assert [m.name for m in SHOWN.values() if m.grows != m.label.endswith(", cumulative")] == []


def test_a_casualty_mix_has_a_share_for_every_kind():
    assert EVERY_KIND.kinds == KINDS
    assert set(KINDS) >= {*BATTLE_KINDS, *ADMITTED_KINDS}


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_that_a_claim_reads_is_stated_on_arrays_and_for_the_kernels(bound, curve):
    values = bound.curves_forward(prior_draws(bound, 2))[curve]
    assert np.isfinite(values).all()
    parts = ADMITTED_KINDS if curve == "admitted" else (curve,)
    assert ForceCurves(bound.terms.arrivals.names, KINDS, bound.model.grid.size).products(Curve(parts))


def test_a_fit_stores_the_curves_that_the_table_says(bound):
    assert list(bound.curve_labels) == [m.name for m in MEASURES.values() if m.stored]
    assert set(bound.curve_labels) <= set(bound.curves_forward(prior_draws(bound, 2)))
    few = waves_model().on(many_claims())
    assert [m for m in bound.curve_labels if m not in few.curve_labels] == [k for k in KINDS if k not in few.model.casualties.kinds]
