"""The reporting record of past wars as a model: what it teaches about bias, and how well."""

from __future__ import annotations

from forcest.history.model import learn_bias, record_model
from forcest.history.scores import cells_of, leave_one_war_out

__all__ = ["cells_of", "learn_bias", "leave_one_war_out", "record_model"]
