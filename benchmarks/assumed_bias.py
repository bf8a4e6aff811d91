"""The default model with every bias assumed, none learnt from past wars, for ``forcest bench``.

cd benchmarks && uv run forcest bench --model assumed_bias:assumed --out DIR
"""

from __future__ import annotations

import forcest as fc
from forcest.models.default import default_model
from forcest.models.reporting.description import STANCE_LEVELS, LevelsTogether

ASSUMED = {
    "stance_levels": {cls: {stance: fc.normal(*numbers) for stance, numbers in of.items()} for cls, of in STANCE_LEVELS.items()},
    "levels_together": LevelsTogether(),
}


def assumed(ledger, questions, random_seed):
    """A fit of the default model with assumed levels of every stance."""
    model = default_model(ledger)
    return fc.fit(model.replace(reporting=model.reporting.model_copy(update=ASSUMED)), ledger, random_seed=random_seed)
