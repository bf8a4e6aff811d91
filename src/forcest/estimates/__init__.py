"""Estimates from a posterior: numbers at a date, probabilities, what anchors the level, claim by claim."""

from forcest.estimates.anchors import Anchors, anchors
from forcest.estimates.claims_table import claims_table
from forcest.estimates.probability import Probability, probability
from forcest.estimates.summary import summary

__all__ = ["Anchors", "Probability", "anchors", "claims_table", "probability", "summary"]
