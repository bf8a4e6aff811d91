"""The reporting record of past wars as a model: what it teaches about bias, and how well."""

from __future__ import annotations

from forcest.history.learning import learn_bias
from forcest.history.model import record_model
from forcest.history.scores import cells_of, expected_claims, leave_one_war_out

__all__ = ["cells_of", "expected_claims", "learn_bias", "leave_one_war_out", "record_model"]
