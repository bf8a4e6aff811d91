"""Small ledgers and models for the tests, and the graph's numbers without compiling anything."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forcest.ledger import Ledger, read_ledger, schema
from forcest.models.density.force import BoundForce
from forcest.models.description.priors import between
from forcest.models.force_model import ForceModel
from forcest.models.process.ar1 import AR1
from forcest.models.process.arrivals import SmoothArrivals, Wave, Waves
from forcest.models.process.attrition import Attrition, Covariate
from forcest.models.process.casualties import CasualtyMix
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery
from forcest.models.process.partner import PartnerForce
from forcest.models.process.withdrawals import Withdrawal
from forcest.models.reporting.description import Reporting

DEFAULTS = {
    "published": "2025-03-10",
    "as_of": "2025-01-20",
    "force": "X",
    "scope": "cumulative",
    "qualifier": "about",
    "source": "A",
    "stance": "enemy",
}


def claim(id_: str, measure: str, value: float | None = None, **cells) -> dict:
    """One ledger row; what is not given takes a default or stays empty."""
    row = dict.fromkeys(schema.NAMES, "") | DEFAULTS | {"id": id_, "measure": measure} | cells
    return row | ({} if value is None else {"value": value})


def ledger(*claims: dict) -> Ledger:
    return read_ledger(pd.DataFrame(list(claims)).astype("str"))


def waves(**windows: tuple[str, str]) -> Waves:
    return Waves(**{name: Wave(size=between(2_000, 9_000), window=window) for name, window in windows.items()})


def waves_model(step: str = "D", **fields) -> ForceModel:
    """Two waves, one withdrawal to the rear and back, one home, and a partner: 48 days."""
    given = {
        "start": "2025-01-01",
        "end": "2025-02-18",
        "arrivals": waves(first=("2025-01-02", "2025-01-09"), second=("2025-01-20", "2025-01-30")),
        "training": Delay(mean=between(2, 6)),
        "attrition": Attrition(hazard=between(5e-3, 5e-2), smooth=AR1(every="W")),
        "withdrawals": [
            Withdrawal(
                window=("2025-01-20", "2025-01-24"),
                share=between(0.2, 0.8),
                returns=("2025-01-23", "2025-01-29"),
            ),
            Withdrawal(window=("2025-02-05", "2025-02-07"), share=between(0.05, 0.4), to="home"),
        ],
        "recovery": Recovery(slow=Delay(mean=between(5, 20))),
        "casualties": CasualtyMix(captured=between(0.001, 0.1), missing=between(0.001, 0.1)),
        "partner": PartnerForce(strength=between(20_000, 60_000), every="14D"),
        "reporting": Reporting(drift_from=2, gross_error_share=0.05),
    }
    return ForceModel(**(given | {"step": step} | fields))


def smooth_model(step: str = "D", **fields) -> ForceModel:
    """Smooth arrivals, nothing else special."""
    return waves_model(
        step, **({"arrivals": SmoothArrivals(smooth=AR1(every="W")), "withdrawals": [], "reporting": Reporting()} | fields)
    )


def covariate_model(step: str = "D", **fields) -> ForceModel:
    """A hazard with an onset and two covariates."""
    days = pd.date_range("2025-01-01", "2025-02-20")
    drones = Covariate(values=pd.Series(np.sin(np.arange(len(days))), index=days))
    mud = Covariate(values={"2025-01-01": 0.0, "2025-02-20": 2.0}, effect=between(-1, 1))
    attrition = Attrition(begins=("2025-01-10", "2025-01-20"), smooth=AR1(every="W"), covariates={"drones": drones, "mud": mud})
    return waves_model(step, **({"attrition": attrition, "withdrawals": []} | fields))


def many_claims(*, waves_named: bool = True) -> Ledger:
    """Every kind of claim at once: forms, scopes, vague dates, meanings, copies for another date, bulletins, learned rounding."""
    own = {"source": "Own ministry", "stance": "own"}
    third = {"source": "Observers", "stance": "third_party"}
    window = {"window_start": "2025-01-10", "window_end": "2025-01-20"}
    rows = [
        claim("k1", "killed", 300),
        claim("k2", "killed", 120, as_of="2025-02-01", qualifier="exact", **own),
        claim("k3", "killed", scope="flow", low=20, high=60, qualifier="range", **window),
        claim("w1", "wounded", 1000, as_of="2025-02-02", qualifier="at_least"),
        claim("c1", "casualties", 700, as_of="2025-01-31"),
        claim("c2", "casualties", 1250, as_of="2025-02-10", qualifier="up_to"),
        claim("c3", "casualties", 400, as_of="2025-02-10", **own),
        claim("c4", "casualties", 500, definition="killed+wounded", as_of="2025-02-11", **third),
        claim("f1", "at_front", 3000, scope="stock", as_of="2025-01-18", **window, **third),
        claim("f2", "at_front", scope="stock", high=500, qualifier="none_seen", as_of="2025-01-12", **window, **third),
        claim("f3", "at_front", scope="flow", qualifier="several_thousand", as_of="2025-01-20", **window, **third),
        claim("m1", "missing", 3, scope="stock", coverage="partial", qualifier="at_least"),
        claim("p1", "captured", 2, scope="stock", qualifier="exact"),
        claim("p2", "captured", 0, scope="stock", qualifier="exact", **own),
        claim("d1", "deployed", 5000, as_of="2025-01-25", **third),
        claim("d2", "deployed", 5500, as_of="2025-02-05", origin="d1", **own),
        claim("d3", "deployed", 4000, scope="stock", as_of="2025-02-05", qualifier="at_most"),
        claim("t1", "in_training", scope="stock", low=100, high=900, qualifier="derived", **third),
        claim("h1", "in_hospital", scope="stock", qualifier="dozens", **third),
        claim("r1", "returned_to_duty", 40, as_of="2025-02-12", qualifier="more_than", **third),
        claim("x1", "withdrawn_home", 60, as_of="2025-02-12", **third),
        claim("e1", "equivalence", 2.5, scope="stock"),
    ]
    for month, day in ((1, 15), (2, 3), (2, 14)):
        rows.append(claim(f"b{month}-{day}", "killed", 10 * day, as_of=f"2025-{month:02}-{day}", source="Bulletin", stance="enemy"))
    if waves_named:
        rows.append(claim("v1", "in_training", 1500, scope="stock", wave="second", as_of="2025-01-28", **third))
        rows.append(claim("v2", "deployed", 2500, wave="first", as_of="2025-01-28", **third))
    rows.append(claim("s1", "combined_strength", 50_000, scope="stock", as_of="2025-01-27", **third))
    return ledger(*rows)


def two_sides() -> Ledger:
    """Two forces, a party that speaks of both, records, every form, both meanings of casualties, a copy for another date, drift."""
    party = {"source": "P", "qualifier": "about"}
    other = {"force": "Y", "stance": "own"}
    flow = {"scope": "flow", "window_start": "2025-01-06", "window_end": "2025-01-12", "as_of": "2025-01-12"}
    return ledger(
        *(claim(f"b{d}", "killed", 100 * d, as_of=f"2025-0{1 + d // 9}-{10 + d % 9:02d}", **party) for d in range(1, 14)),
        claim("own", "killed", 420, as_of="2025-02-01", **(party | other)),
        claim("c1", "casualties", 5_000, source="T", stance="third_party", as_of="2025-02-01"),
        claim("c2", "casualties", 1_500, source="T", stance="third_party", as_of="2025-02-02", force="Y"),
        claim("c3", "casualties", 4_000, source="T", stance="third_party", definition="killed+wounded", as_of="2025-01-20"),
        claim("r1", "killed", low=60, high=140, qualifier="range", source="R", stance="record", **flow),
        claim("w1", "wounded", 2_000, qualifier="at_least", source="Q", stance="enemy", as_of="2025-01-25"),
        claim("w2", "wounded", 900, qualifier="up_to", source="Q", stance="own", as_of="2025-01-25", force="Y"),
        claim("w3", "wounded", 2_100, qualifier="at_least", source="Z", origin="w1", as_of="2025-01-28"),
        claim("k", "captured", 30, source="Q", stance="enemy", scope="stock", as_of="2025-02-10"),
        claim("v", "killed", 500, source="T", stance="third_party", window_start="2025-01-20", window_end="2025-01-29"),
    )


def prior_draws(bound: BoundForce, draws: int, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {q.name: q.draw(rng, draws) for q in bound.parameters}


def prior_medians(bound: BoundForce) -> dict[str, np.ndarray]:
    return {q.name: q.quantile(0.5)[None] for q in bound.parameters}


def interpreted():
    """A mode that runs a graph node by node: no compiler, a tenth of a second for a whole model."""
    from pytensor.compile.mode import Mode

    return Mode(linker="py", optimizer=None)


def graph_of(bound: BoundForce):
    """A function from one draw of the parameters to every curve and the log likelihood, as the graph states them."""
    return _compiled(bound, lambda outputs, p: outputs)


def gradient_of(bound: BoundForce):
    """A function from one draw of the parameters to the graph's gradient of the log likelihood."""
    import pytensor

    def gradients(outputs, p):
        slopes = pytensor.grad(outputs["log_likelihood"], list(p.values()), disconnected_inputs="ignore")
        return dict(zip(p, slopes, strict=True))

    return _compiled(bound, gradients)


def _compiled(bound: BoundForce, wanted):
    import pytensor
    import pytensor.tensor as pt

    p = {q.name: pt.tensor(q.name, shape=q.shape, dtype="float64") for q in bound.parameters}
    curves = bound.curves_graph(p)
    data = {name: pt.constant(values) for name, values in bound.data.named().items()}
    read = pt.stack([curves[str(curve)] for curve in bound.layout.curves])
    outputs = {name: pt.as_tensor_variable(curve) for name, curve in curves.items()}
    outputs = wanted(outputs | {"log_likelihood": bound.likelihood.graph(p, read, data)}, p)
    compiled = pytensor.function(list(p.values()), list(outputs.values()), mode=interpreted(), on_unused_input="ignore")

    def evaluate(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return dict(zip(outputs, compiled(*(np.asarray(values[name], dtype=float) for name in p)), strict=True))

    return evaluate


def log_likelihood(bound: BoundForce, p: dict[str, np.ndarray], curves: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """Log likelihood of every draw, from arrays."""
    read = bound.read_curves(bound.curves_forward(p) if curves is None else curves)
    return bound.likelihood.total(bound.likelihood.forward(p, read, bound.data), bound.data)


def at(p: dict[str, np.ndarray], draw: int) -> dict[str, np.ndarray]:
    return {name: values[draw] for name, values in p.items()}
