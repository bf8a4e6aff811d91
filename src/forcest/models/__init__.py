"""Descriptions of models, and their densities."""

from forcest.models import presets
from forcest.models.description.priors import between, lognormal, normal
from forcest.models.files import read_model
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.process.ar1 import AR1
from forcest.models.process.arrivals import SmoothArrivals, Wave, Waves
from forcest.models.process.attrition import Attrition, Covariate
from forcest.models.process.casualties import CasualtyMix
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery
from forcest.models.process.loss_rates import LossRate
from forcest.models.process.partner import PartnerForce
from forcest.models.process.withdrawals import Withdrawal
from forcest.models.reporting.description import Reporting
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
