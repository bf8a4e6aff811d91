"""The partner force for sixteen chains, at the nodes where claims read it; the batched form of ``partner.py``."""

from __future__ import annotations

import numpy as np

from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.partner import Partner
from forcest.models.process.walks_kernels import WalkConstants, banded, no_walk, walk_backward, walk_forward, walk_work

partner_forward, partner_backward, partner_work = walk_forward, walk_backward, walk_work


def partner_constants(term: Partner | None, nodes: np.ndarray, coordinates: Coordinates) -> WalkConstants:
    """Constants of the term at some nodes; a walk without rows if there is no term or no node."""
    if term is None or len(nodes) == 0:
        return no_walk()
    return WalkConstants(
        level=coordinates.row("partner_strength"),
        scale=coordinates.row("partner_walk"),
        offset=coordinates.row("partner_offset"),
        n_steps=term.reader.shape[1] - 1,
        unit=term.walk_scale,
        reader=banded(term.reader[nodes]),
    )
