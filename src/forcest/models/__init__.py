"""Descriptions of models, and the densities they stand for."""

from forcest.models import presets
from forcest.models.files import read_model
from forcest.models.force_model import ForceModel
from forcest.models.losses import LossModel
from forcest.models.parts import (
    AR1,
    Attrition,
    CasualtyMix,
    Covariate,
    Delay,
    LossRate,
    PartnerForce,
    Recovery,
    SmoothArrivals,
    Wave,
    Waves,
    Withdrawal,
)
from forcest.models.priors import between, lognormal, normal
from forcest.models.reporting import Reporting
from forcest.models.scenario import Scenario

__all__ = [
    "AR1",
    "Attrition",
    "CasualtyMix",
    "Covariate",
    "Delay",
    "ForceModel",
    "LossModel",
    "LossRate",
    "PartnerForce",
    "Recovery",
    "Reporting",
    "Scenario",
    "SmoothArrivals",
    "Wave",
    "Waves",
    "Withdrawal",
    "between",
    "lognormal",
    "normal",
    "presets",
    "read_model",
]
