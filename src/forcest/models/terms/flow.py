r"""The people of a force through training, front, rear and hospital; nobody appears or vanishes.

With :math:`q_t = 1 - e^{-(h_t + r_t)\Delta}` casualties are :math:`L_t = F_{t-1} q_t h_t/(h_t + r_t)`, and the front

.. math:: F_t = F_{t-1}(1 - q_t) + c_t + \rho \sum_j g_j w L_{t-j} + u_t B_{t-1}

with inflow :math:`c` from training, return delay :math:`g`, rear stock :math:`B`. The graph solves :math:`(I - A)F = c` with a unit
lower triangular matrix; ``forward`` runs the recursion. They agree to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forcest.models.grid import Grid
from forcest.models.parameters import Parameter, parameter
from forcest.models.parts import CasualtyMix, Delay, Recovery, beyond_first_day
from forcest.models.tensors import symbolic
from forcest.models.terms import delays

TRAINING_STAGES = 4
HOSPITAL_STAGES = 2


@dataclass(frozen=True)
class Flow:
    """Training, casualty mix and recovery on a grid."""

    grid: Grid
    training: Delay
    casualties: CasualtyMix
    recovery: Recovery

    def parameters(self) -> list[Parameter]:
        """Delays and shares."""
        mix, recovery = self.casualties, self.recovery
        said = [
            ("training_days", self.training.mean, "days", "mean time between arrival and the front"),
            ("wounded_per_killed", mix.wounded_per_killed, "ratio", "killed include died of wounds"),
            ("captured_share", mix.captured, "share", "of casualties"),
            ("missing_share", mix.missing, "share", "of casualties not captured"),
            ("return_share", recovery.share, "share", "of the wounded who return to the front"),
            ("fast_share", recovery.fast_share, "share", "of those who return after the fast delay"),
            ("fast_days_beyond_first", beyond_first_day(recovery.fast.mean), "days", "mean fast stay in hospital, less one day"),
            ("slow_days_beyond_first", beyond_first_day(recovery.slow.mean), "days", "mean slow stay in hospital, less one day"),
        ]
        return [parameter(name, ["force"], prior, unit, why, repeat=1) for name, prior, unit, why in said]

    def _stages(self) -> tuple[int, int, int]:
        fast, slow = self.recovery.fast.stages_or(HOSPITAL_STAGES), self.recovery.slow.stages_or(HOSPITAL_STAGES)
        return self.training.stages_or(TRAINING_STAGES), fast, slow

    def graph(self, p, arrivals, hazard, rates) -> tuple[dict, dict]:
        """Curves of one force, each (date,), and by wave (wave, date) for `deployed`, `in_training`, `reached_front`.

        Parameters
        ----------
        p : dict of str to TensorVariable
        arrivals : TensorVariable, shape (wave, date)  [persons per step]
        hazard : TensorVariable, shape (date,)  [1/day]
        rates : three TensorVariable, shape (date,)  [1/day]
            To the rear, home, and from the rear back to the front.
        """
        pt = symbolic()

        shares = mix_shares(p)
        training, fast, slow = self._stages()
        lags = pt.specify_shape(delays.graph(self.grid, p["training_days"], training), self.grid.size)
        inflow = pt.dot(arrivals, delays.toeplitz_graph(lags).T)
        slow_lags = delays.graph(self.grid, p["slow_days_beyond_first"], slow, first_day=1)
        fast_lags = delays.graph(self.grid, p["fast_days_beyond_first"], fast, first_day=1)
        back_lags = p["return_share"] * (p["fast_share"] * fast_lags + (1 - p["fast_share"]) * slow_lags)
        returns = delays.toeplitz_graph(pt.specify_shape(back_lags, self.grid.size))
        leaves = delays.toeplitz_graph(pt.specify_shape((1 - p["return_share"]) * slow_lags, self.grid.size))
        stay, lost, to_rear, to_home, back = self._step_shares(pt, hazard, rates)
        later = returns * (shares["wounded"] * lost)[None, :]
        if not isinstance(rates[2], np.ndarray):
            later = later + self._way_back(to_rear, back)
        matrix = self._system(stay, later)
        front = pt.linalg.solve_triangular(np.eye(self.grid.size) - matrix, pt.sum(inflow, axis=0), lower=True, unit_diagonal=True)
        before = pt.concatenate([np.zeros(1), front[:-1]])
        wounded = shares["wounded"] * lost * before
        series = {
            "casualties": lost * before,
            "returned_to_duty": pt.dot(returns, wounded),
            "invalided": pt.dot(leaves, wounded),
            "ordered_home": to_home * before,
        }
        cumulative = {name: pt.cumsum(flow) for name, flow in series.items()}
        waves = {"deployed": pt.cumsum(arrivals, axis=1), "reached_front": pt.cumsum(inflow, axis=1)}
        return _curves(front, cumulative, waves, shares, lambda x: pt.sum(x, axis=0)), _by_wave(waves)

    def _step_shares(self, xp, hazard, rates):
        """Shares of the front that stay, become casualties, go to the rear and home in a step, and of the rear that goes back."""
        to_rear, to_home, back = rates
        total = hazard + to_rear + to_home
        out = -xp.expm1(-total * self.grid.step)
        return 1 - out, out * hazard / total, out * to_rear / total, out * to_home / total, -xp.expm1(-back * self.grid.step)

    def _way_back(self, to_rear, back):
        """Share of the front before step s that goes to the rear in it and comes back at step t, shape (t, s)."""
        pt = symbolic()

        log_kept = pt.cumsum(pt.log1p(-back))
        kept = pt.exp(pt.concatenate([np.zeros(1), log_kept[:-1]])[:, None] - log_kept[None, :])
        return np.tril(np.ones((self.grid.size, self.grid.size)), -1) * kept * back[:, None] * to_rear[None, :]

    def _system(self, stay, later):
        """The matrix A: what of the front at the step before s is there again at t, one column to the left of ``later``."""
        pt = symbolic()

        size = self.grid.size
        back_again = pt.concatenate([later[:, 1:], np.zeros((size, 1))], axis=1)
        return back_again + np.eye(size, k=-1) * pt.concatenate([stay[1:], np.zeros(1)])[None, :]

    def forward(self, p, arrivals, hazard, rates) -> tuple[dict, dict]:
        """The same by recursion, each curve (draw, date), by wave (draw, wave, date)."""
        shares = mix_shares(p)
        training, fast_stages, slow_stages = self._stages()
        inflow = delays.convolve(delays.forward(self.grid, p["training_days"], training), arrivals)
        slow = delays.forward(self.grid, p["slow_days_beyond_first"], slow_stages, first_day=1)
        fast = delays.forward(self.grid, p["fast_days_beyond_first"], fast_stages, first_day=1)
        returning = p["return_share"][:, None] * (p["fast_share"][:, None] * fast + (1 - p["fast_share"][:, None]) * slow)
        leaving = (1 - p["return_share"][:, None]) * slow
        steps = self._step_shares(np, hazard, rates)
        front, flows = _recursion(inflow.sum(axis=1), steps, shares["wounded"][:, None], returning)
        flows["invalided"] = delays.convolve(leaving, shares["wounded"][:, None] * flows["casualties"])
        cumulative = {name: np.cumsum(flow, axis=1) for name, flow in flows.items()}
        waves = {"deployed": np.cumsum(arrivals, axis=2), "reached_front": np.cumsum(inflow, axis=2)}
        wide = {name: share[:, None] for name, share in shares.items()}
        return _curves(front, cumulative, waves, wide, lambda x: x.sum(axis=1)), _by_wave(waves)


def mix_shares(p) -> dict:
    """Share of each kind among casualties; they sum to one."""
    captured = p["captured_share"]
    missing = (1 - captured) * p["missing_share"]
    killed = (1 - captured - missing) / (1 + p["wounded_per_killed"])
    return {"killed": killed, "wounded": killed * p["wounded_per_killed"], "captured": captured, "missing": missing}


def _recursion(inflow, steps, wounded_share, returning) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    stay, lost, to_rear, to_home, back = steps
    draws, size = inflow.shape
    front, rear = np.zeros((draws, size)), np.zeros(draws)
    flows = {name: np.zeros((draws, size)) for name in ("casualties", "returned_to_duty", "ordered_home")}
    front[:, 0] = inflow[:, 0]
    for t in range(1, size):
        before = front[:, t - 1]
        flows["casualties"][:, t] = before * lost[:, t]
        flows["ordered_home"][:, t] = before * to_home[:, t]
        wounded = wounded_share * flows["casualties"][:, : t + 1]
        flows["returned_to_duty"][:, t] = np.einsum("dt,dt->d", returning[:, t::-1], wounded)
        redeployed = rear * back[:, t]
        rear = rear - redeployed + before * to_rear[:, t]
        front[:, t] = before * stay[:, t] + inflow[:, t] + flows["returned_to_duty"][:, t] + redeployed
    return front, flows


def _curves(front, cumulative, waves, shares, over_waves) -> dict:
    """All curves of one force from the front, the cumulative flows and the mix; the rear is what is left of the deployed."""
    curves = {name: shares[name] * cumulative["casualties"] for name in shares}
    curves["deployed"], curves["reached_front"] = over_waves(waves["deployed"]), over_waves(waves["reached_front"])
    curves["in_training"] = curves["deployed"] - curves["reached_front"]
    curves["at_front"] = front
    curves["casualties"] = cumulative["casualties"]
    curves["returned_to_duty"], curves["invalided"] = cumulative["returned_to_duty"], cumulative["invalided"]
    curves["in_hospital"] = curves["wounded"] - curves["returned_to_duty"] - curves["invalided"]
    curves["withdrawn_home"] = curves["invalided"] + cumulative["ordered_home"]
    gone = cumulative["casualties"] - curves["returned_to_duty"] + cumulative["ordered_home"]
    curves["rear"] = curves["reached_front"] - front - gone
    curves["present"] = curves["deployed"] - cumulative["casualties"] + curves["in_hospital"] + curves["returned_to_duty"]
    curves["present"] = curves["present"] - cumulative["ordered_home"]
    return curves


def _by_wave(waves) -> dict:
    return {**waves, "in_training": waves["deployed"] - waves["reached_front"]}
