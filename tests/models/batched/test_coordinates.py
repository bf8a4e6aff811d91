"""Coordinates: where each parameter stands; transforms are in ``test_families.py``, the order in ``test_parity.py``."""

import numpy as np

from forcest.models.parameters.coordinates import Coordinates
from small_models import many_claims, waves_model

BOUND = waves_model("3D").on(many_claims())
LAYOUT = Coordinates.of(BOUND.parameters)


def test_draws_become_the_positions_of_their_parameters():
    rng = np.random.default_rng(8)
    drawn = {p.name: p.draw(rng, 3) for p in BOUND.parameters}
    again = LAYOUT.parameters_of(LAYOUT.prior_positions(np.random.default_rng(8), 3))
    for name, values in drawn.items():
        np.testing.assert_allclose(again[name], values, rtol=1e-9, atol=1e-12)
