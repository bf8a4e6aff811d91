r"""The people of a force in training, at the front, in the rear and in hospital; their number is conserved.

With :math:`q_t = 1 - e^{-(h_t + r_t)\Delta}` casualties are :math:`L_t = F_{t-1} q_t h_t/(h_t + r_t)`, and the front

.. math:: F_t = F_{t-1}(1 - q_t) + c_t + \rho \sum_j g_j w L_{t-j} + u_t B_{t-1}

with inflow :math:`c` from training, return delay :math:`g`, rear stock :math:`B`. The front is computed in two ways that check each
other: the graph solves :math:`(I - A)F = c` with a unit lower triangular matrix, and ``forward`` runs the recursion. They agree up
to rounding. Curves that follow from the front are computed by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from forcest.ledger.measures import ADMITTED_KINDS, BATTLE_KINDS
from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid
from forcest.models.description.priors import Prior, Share, between
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.parameters.parameter import Parameter, parameter
from forcest.models.parameters.tensors import symbolic
from forcest.models.process import delays
from forcest.models.process.casualties import CasualtyMix, mix_shares
from forcest.models.process.delays import Delay

TRAINING_STAGES = 4
HOSPITAL_STAGES = 2


def _after_first_day(delay: Delay) -> Delay:
    if delay.mean.quantile(0.05) <= 1:
        raise ValueError("a stay in hospital lasts at least one day: its 90 % interval must lie above 1")
    return delay


class Recovery(Description):
    """Recovery of the wounded: a share returns to the front, the others leave the force for good.

    Parameters
    ----------
    share : Prior
        Share of the wounded who return to the front.
    fast_share : Prior
        Share of the fast delay among those who return.
    fast, slow : Delay
        Days in hospital; the invalided stay for the slow delay. A stay lasts at least one day, and the prior of the days beyond the
        first is chosen so that the 90 % interval is kept.

    Examples
    --------
    >>> recovery = fc.Recovery(share=fc.between(0.3, 0.7), slow=fc.Delay(mean=fc.between(20, 60)))
    >>> round(recovery.share.quantile(0.5), 2)
    0.5
    """

    share: Share = Field(default_factory=lambda: between(0.05, 0.65).as_prior("logitnormal"))
    fast_share: Share = Field(default_factory=lambda: between(0.1, 0.6).as_prior("logitnormal"))
    fast: Annotated[Delay, AfterValidator(_after_first_day)] = Field(default_factory=lambda: Delay(mean=between(2, 5)))
    slow: Annotated[Delay, AfterValidator(_after_first_day)] = Field(default_factory=lambda: Delay(mean=between(20, 90)))


def beyond_first_day(mean: Prior) -> Prior:
    """Prior of the days beyond the first whose 90 % interval is that of ``mean``, less one day."""
    return between(mean.quantile(0.05) - 1, mean.quantile(0.95) - 1).as_prior("lognormal")


@dataclass(frozen=True)
class Flow:
    """Training, casualty mix and recovery on a grid.

    Parameters
    ----------
    leaving, returning : ndarray of bool, shape (date,)
        Steps in which people may leave the front for the rear, and come back from it.
    """

    grid: Grid
    training: Delay
    casualties: CasualtyMix
    recovery: Recovery
    leaving: np.ndarray
    returning: np.ndarray

    def parameters(self) -> list[Parameter]:
        """Delays and shares."""
        mix, recovery = self.casualties, self.recovery
        rows = [
            ("training_days", self.training.mean, "days", "mean time between arrival and the front"),
            ("wounded_per_killed", mix.wounded_per_killed, "ratio", "killed include died of wounds"),
            *((f"{kind}_share", prior, "share", _of_casualties(mix, kind)) for kind, prior in mix.shares.items()),
            ("return_share", recovery.share, "share", "of the wounded who return to the front"),
            ("fast_share", recovery.fast_share, "share", "of the fast delay among those who return"),
            ("fast_days_beyond_first", beyond_first_day(recovery.fast.mean), "days", "mean fast stay in hospital, less one day"),
            ("slow_days_beyond_first", beyond_first_day(recovery.slow.mean), "days", "mean slow stay in hospital, less one day"),
        ]
        return [parameter(name, ["force"], prior, unit, text, repeat=1) for name, prior, unit, text in rows]

    @property
    def stages(self) -> tuple[int, int, int]:
        """Stages of training, of the fast and of the slow stay in hospital."""
        fast, slow = self.recovery.fast.stages_or(HOSPITAL_STAGES), self.recovery.slow.stages_or(HOSPITAL_STAGES)
        return self.training.stages_or(TRAINING_STAGES), fast, slow

    def graph(self, p, arrivals, hazard, rates) -> tuple[dict, dict]:
        """Curves of one force, each (date,), and those by wave, (wave, date): `deployed`, `in_training`, `reached_front`.

        Parameters
        ----------
        p : dict of str to TensorVariable
        arrivals : TensorVariable, shape (wave, date)  [persons per step]
        hazard : TensorVariable, shape (date,)  [1/day]
        rates : three TensorVariable, shape (date,)  [1/day]
            To the rear, home, and from the rear back to the front.
        """
        pt = symbolic()
        return self._curves(pt, delays.graph, delays.convolve_graph, self._solve, p, arrivals, hazard, rates, None)

    def forward(self, p, arrivals, hazard, rates, return_share=None) -> tuple[dict, dict]:
        """The curves of arrays of draws, each (draw, date), by wave (draw, wave, date).

        ``return_share`` (draw, date) is the share of those wounded on a date who return, where it is not the same for all dates.
        """
        return self._curves(NUMERIC, delays.forward, delays.convolve, _recursion, p, arrivals, hazard, rates, return_share)

    def _curves(self, xp, delay, convolve, front_of, p, arrivals, hazard, rates, return_share) -> tuple[dict, dict]:
        """The curves, given the functions that delay probabilities, convolutions and the front come from."""
        training, fast_stages, slow_stages = self.stages
        inflow = self._inflow(convolve, delay(self.grid, p["training_days"], training), p, arrivals)
        fast = delay(self.grid, p["fast_days_beyond_first"], fast_stages, first_day=1)
        slow = delay(self.grid, p["slow_days_beyond_first"], slow_stages, first_day=1)
        fast_share = p["fast_share"][..., None]
        lags = fast_share * fast + (1 - fast_share) * slow
        shares = {kind: share[..., None] for kind, share in mix_shares(p).items()}
        share = p["return_share"][..., None] if return_share is None else return_share
        steps = self._step_shares(xp, hazard, rates)
        admitted = sum(shares[kind] for kind in ADMITTED_KINDS if kind in shares)
        before = self._before_first_day(p, admitted, share, lags, slow)
        first_time = xp.sum(inflow, axis=-2)
        entering = first_time - before["casualties"] + before["returned_to_duty"] if before else first_time
        front, flows = front_of(entering, steps, admitted * share, lags)
        flows["invalided"] = convolve(slow, admitted * (1 - share) * flows["casualties"])
        flows |= {name: flows[name] + flow for name, flow in before.items()}
        by_wave = {"deployed": xp.cumsum(arrivals, axis=-1), "reached_front": xp.cumsum(inflow, axis=-1)}
        curves = {name: xp.sum(waves, axis=-2) for name, waves in by_wave.items()} | {"at_front": front}
        curves |= {name: xp.cumsum(flow, axis=-1) for name, flow in flows.items()}
        curves |= {kind: share * curves["casualties"] for kind, share in shares.items()}
        by_wave["in_training"] = by_wave["deployed"] - by_wave["reached_front"]
        return curves | _balances(curves, list(shares)), by_wave

    def _inflow(self, convolve, lags, p, arrivals):
        """People who reach the front in each step, shape (..., wave, date); some have reached it by the first day."""
        if "initial_at_front" not in p:
            return convolve(lags, arrivals)
        in_training = (1 - p["initial_at_front"]) * (1 - p.get("initial_lost", 0.0))
        there = arrivals * self._step_zero * (1 - in_training)[..., None, None]
        return convolve(lags, arrivals - there) + there

    def _before_first_day(self, p, admitted, share, lags, slow) -> dict:
        """Losses before the first day as flows of step 0, and what becomes of the wounded among them, each (..., date)."""
        if "initial_lost" not in p:
            return {}
        lost = (p["initial_size"] * p["initial_lost"])[..., None]
        still, returning = p["initial_in_hospital"][..., None], share[..., :1]
        returned, invalided = (still * delay + (1 - still) * self._step_zero for delay in (lags, slow))
        return {
            "casualties": lost * self._step_zero,
            "returned_to_duty": returning * admitted * lost * returned,
            "invalided": (1 - returning) * admitted * lost * invalided,
        }

    @property
    def _step_zero(self) -> np.ndarray:
        """One in step 0, zero in all others, shape (date,)."""
        return np.eye(1, self.grid.size)[0]

    def _solve(self, inflow, steps, returning_share, lags) -> tuple[Any, dict]:
        """The front and the flows of each step as graphs, from a triangular system of equations."""
        pt = symbolic()
        stay, lost, to_rear, to_home, back = steps
        returning = self._returning(lags, returning_share * lost)
        system = self._system(returning, stay, to_rear, back)
        front = pt.linalg.solve_triangular(-system, inflow, lower=True, unit_diagonal=True)
        before = pt.concatenate([np.zeros(1), front[:-1]])
        returned = pt.dot(returning, front)
        return front, {"casualties": lost * before, "returned_to_duty": returned, "ordered_home": to_home * before}

    def _step_shares(self, xp, hazard, rates):
        """Shares of the front that stay, become casualties, go to the rear and home in a step, and of the rear that goes back."""
        to_rear, to_home, back = rates
        total = hazard + to_rear + to_home
        out = -xp.expm1(-total * self.grid.step)
        return 1 - out, out * hazard / total, out * to_rear / total, out * to_home / total, -xp.expm1(-back * self.grid.step)

    def _returning(self, back_lags, wounded):
        """Share of the front at step s that is wounded in the next step and back at the front at step t, shape (t, s)."""
        pt = symbolic()
        lags = pt.concatenate([back_lags, np.zeros(1)])[delays.lag_index(self.grid.size)]
        return lags * pt.concatenate([wounded[1:], np.zeros(1)])[None, :]

    def _system(self, returning, stay, to_rear, back):
        """The strictly lower triangular matrix A: share of the front at step s that is at the front again at step t."""
        pt = symbolic()
        nodes = np.arange(1, self.grid.size)
        system = pt.inc_subtensor(returning[nodes, nodes - 1], stay[1:])
        left, again = (np.flatnonzero(active[1:]) + 1 for active in (self.leaving, self.returning))
        if not (len(left) and len(again)):
            return system
        log_kept = pt.cumsum(pt.log1p(-back))
        in_rear = pt.exp(log_kept[again - 1][:, None] - log_kept[left][None, :]) * (left[None, :] < again[:, None])
        return pt.inc_subtensor(system[again[:, None], left[None, :] - 1], back[again][:, None] * in_rear * to_rear[left][None, :])


def _of_casualties(mix: CasualtyMix, kind: str) -> str:
    """Of which casualties a kind is a share: those of none of the kinds before it."""
    before = list(mix.shares)[: list(mix.shares).index(kind)]
    return "of casualties" + (f" not {' or '.join(before)}" if before else "")


def _recursion(inflow, steps, returning_share, lags) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The front and the flows of each step, each (draw, date), from the first step to the last."""
    from forcest.models.process.rows_kernels import front_rows

    front, casualties, returned, home = (np.zeros(inflow.shape) for _ in range(4))
    *rows, share = (np.ascontiguousarray(np.broadcast_to(x, inflow.shape)) for x in (*steps, returning_share))
    front_rows(inflow, tuple(rows), share, lags, front, casualties, returned, home)
    return front, {"casualties": casualties, "returned_to_duty": returned, "ordered_home": home}


def _balances(c: dict, kinds: list[str]) -> dict:
    """Stocks and sums that follow from other curves, whose "casualties" are of all kinds; the rear is the remainder."""
    admitted = sum(c[kind] for kind in ADMITTED_KINDS if kind in kinds)
    in_hospital = admitted - c["returned_to_duty"] - c["invalided"]
    gone = c["casualties"] - c["returned_to_duty"] + c["ordered_home"]
    return {
        "in_training": c["deployed"] - c["reached_front"],
        "admitted": admitted,
        "in_hospital": in_hospital,
        "casualties": c["casualties"] - sum(c[kind] for kind in kinds if kind not in BATTLE_KINDS),
        "withdrawn_home": c["invalided"] + c["ordered_home"],
        "rear": c["reached_front"] - c["at_front"] - gone,
        "present": c["deployed"] - c["casualties"] + in_hospital + c["returned_to_duty"] - c["ordered_home"],
    }
