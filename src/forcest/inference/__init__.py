"""Fits: a model and a ledger in, a posterior out, whichever sampler ran; forecasts and repetitions of a fit."""

from forcest.inference import published as _published  # registers what a fit of the published model consists of
from forcest.inference.compiled import CompiledModel, compile_model
from forcest.inference.diagnose import Diagnosis, diagnose
from forcest.inference.fit import fit
from forcest.inference.forecast import difference, forecast
from forcest.inference.load import load
from forcest.inference.pymc_model import sample
from forcest.inference.rerun import Rerun, rerun
from forcest.inference.samplers import Batched, Nutpie, PyMC
from forcest.inference.save import save

del _published

__all__ = [
    "Batched",
    "CompiledModel",
    "Diagnosis",
    "Nutpie",
    "PyMC",
    "Rerun",
    "compile_model",
    "diagnose",
    "difference",
    "fit",
    "forecast",
    "load",
    "rerun",
    "sample",
    "save",
]
