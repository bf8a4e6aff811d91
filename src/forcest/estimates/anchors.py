"""What anchors the level of an estimate: assumed bias, claims, or something firmer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forcest.estimates.draws import DateLike, as_dates, claimed_of, group, on_date, pooled, quantiles
from forcest.ledger.measures import KINDS, MEASURES

HEADLINES = ("deployed", "at_front", "casualties", "killed", "wounded")
STANCES = {
    "enemy": "the enemy's side",
    "own_ally": "allies of the force's side",
    "enemy_ally": "allies of the enemy",
    "third_party": "third parties",
    "own": "the force's own side",
    "record": "records",
    "name_list": "lists of names",
}
ALLIES = ("own_ally", "enemy_ally")
INDEPENDENT = ("own", "record", "name_list")
_ABOUT = {
    "deployed": "the number deployed",
    "at_front": "the number at the front",
    "casualties": "casualties",
}
COLUMNS = ["force", "measure", "share_from_stance", "share_from_record", "posterior_median", "prior_median", "n_claims"]
REST = "the rest comes from single sources, errors of claims and the other priors"


def headline_measures(curves: Container[str]) -> list[str]:
    """The headline measures among some curves; where there is none, as with captured alone, the kinds of loss that there are."""
    return [name for name in HEADLINES if name in curves] or [kind for kind in KINDS if kind in curves]


@dataclass(frozen=True)
class Anchors:
    """What anchors the level of an estimate.

    Attributes
    ----------
    table : DataFrame
        One row per force and headline measure: `force`, `measure`, `share_from_stance`, `share_from_record` (the part of it that
        rests on levels learnt from past wars; the rest of it is assumed), `posterior_median`, `prior_median`, `n_claims`.
    claims_by_stance : dict of str to int
        Fitted claims by the stance of their source; every stance is named, also with none.
    sentence : str
        The same in words, to be printed with every estimate.

    Examples
    --------
    >>> found = fc.anchors(fit)
    >>> found.table["measure"].tolist()
    ['deployed', 'at_front', 'casualties', 'killed', 'wounded']
    >>> sum(found.claims_by_stance.values()) == fit["constant_data"].sizes["claim"]
    True
    """

    table: pd.DataFrame
    claims_by_stance: dict[str, int]
    sentence: str

    @property
    def independent(self) -> bool:
        """Whether any fitted claim comes from the force's own side, from records or from lists of names."""
        return any(self.claims_by_stance[stance] for stance in INDEPENDENT)

    def __str__(self) -> str:
        return self.sentence


def anchors(fit: xr.DataTree, at: DateLike | None = None) -> Anchors:
    r"""What anchors the level: how much of it comes from the assumed bias of each stance.

    Level and mean bias are separated by priors and anchors alone. The share is the adjusted :math:`R^2` of a linear regression
    of the log measure at the date on the draws of the stance levels: by how much the variance of the log, which the sentence calls
    uncertainty, would shrink if the mean bias of each stance were known.

    Parameters
    ----------
    fit : DataTree
        A fit.
    at : date, optional
        The last day with a fitted claim unless given.

    Returns
    -------
    Anchors
        A table by headline measure, counts of fitted claims by stance, and one sentence; `str()` gives the sentence.

    Raises
    ------
    ForcestError
        A date outside the curves.

    Examples
    --------
    >>> print(fc.anchors(fit))
    The levels of casualties and of the number deployed rest mostly on source bias: if it were known how far each side ...
    """
    date = as_dates(fit, at)[0]
    posterior, prior_draws, data = (group(fit, g) for g in ("posterior", "prior", "constant_data"))
    claimed, stances = claimed_of(fit), data["stance"].values.astype(str)
    forces = [str(force) for force in posterior["force"].values]
    rows, sentences = [], []
    for i, force in enumerate(forces):
        after, before = (d.isel(force=i) if "force" in d.dims else d for d in (posterior, prior_draws))
        of_force = _rows(after, before, date, Counter(measure for of, measure in claimed if of == force))
        counts = _by_stance(stance for (of, _), stance in zip(claimed, stances, strict=True) if of == force)
        sentence = _sentence(pd.DataFrame(of_force, columns=COLUMNS[1:]), counts)
        sentences.append(f"{force}: {sentence[0].lower()}{sentence[1:]}" if len(forces) > 1 else sentence)
        rows += [{"force": force, **row} for row in of_force]
    return Anchors(pd.DataFrame(rows, columns=COLUMNS), _by_stance(stances), " ".join(sentences))


def _by_stance(stances: Iterable[str]) -> dict[str, int]:
    counted = Counter(stances)
    return {name: counted[name] for name in STANCES}


def _rows(posterior: xr.Dataset, prior_draws: xr.Dataset, date: np.datetime64, claimed: Counter) -> list[dict]:
    """Headline measures of one force."""
    levels = posterior.get("stance_level")
    rows = []
    for name in headline_measures(posterior):
        curve = on_date(posterior[name], date)
        prior = on_date(prior_draws[name], date) if name in prior_draws else None
        rows.append(
            {
                "measure": name,
                **_shares(levels, curve),
                "posterior_median": float(quantiles(curve, (0.5,))[0]),
                "prior_median": np.nan if prior is None else float(quantiles(prior, (0.5,))[0]),
                "n_claims": claimed[name],
            }
        )
    return rows


def _shares(levels: xr.DataArray | None, curve: xr.DataArray) -> dict[str, float]:
    """Share of the variance of the log curve that rests on stance levels, and the part of it that rests on those learnt."""
    if levels is None:
        return dict.fromkeys(("share_from_stance", "share_from_record"), float("nan"))
    x, y = pooled(levels), np.log1p(pooled(curve))
    x = x.reshape(len(x), -1)
    learnt = np.asarray(levels.coords["learnt"].values, dtype=bool) if "learnt" in levels.coords else np.zeros(x.shape[1], bool)
    whole = _adjusted(x, y)
    if not learnt.any():
        return {"share_from_stance": whole, "share_from_record": 0.0 * whole}
    # What both kinds of levels explain is split equally: the mean of adding the learnt ones first and last.
    first, assumed = _adjusted(x[:, learnt], y), _adjusted(x[:, ~learnt], y) if not learnt.all() else 0.0
    return {"share_from_stance": whole, "share_from_record": float(np.clip((first + whole - assumed) / 2, 0.0, whole))}


def _adjusted(x: np.ndarray, y: np.ndarray) -> float:
    """Adjusted R^2 of y on the columns of x; NaN where neither varies."""
    x, y = x - x.mean(axis=0), y - y.mean()
    x = x[:, x.std(axis=0) > 0]
    n, k = x.shape
    if k == 0 or n <= k + 1 or y.std() == 0:
        return float("nan")
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    unexplained = (residual @ residual) / (y @ y) * (n - 1) / (n - k - 1)
    return float(np.clip(1 - unexplained, 0.0, 1.0))


def _about(measure: str) -> str:
    """A measure as the object of a sentence."""
    return _ABOUT.get(measure, f"the {MEASURES[measure].counted}")


def _resting(named: list[str], shares: dict[str, float], of_record: dict[str, float]) -> str:
    """How far the level of each measure rests on the bias of sources, and how much of that on past wars."""
    assumed = "" if any(of_record[m] > 0 for m in named) else "assumed "
    hows = ["mostly" if shares[m] >= 0.5 else "partly" if shares[m] >= 0.2 else "little" for m in named]
    if len(set(hows)) < len(named):
        levels = f"The levels of {' and of '.join(_about(m) for m in named)} rest {hows[0]} on {assumed}source bias"
    else:
        levels = f"The level of {_about(named[0])} rests {hows[0]} on {assumed}source bias"
        levels += "".join(f", that of {_about(m)} {how}" for m, how in zip(named[1:], hows[1:], strict=True))
    gone = " and ".join(f"{100 * shares[m]:.0f} %" for m in named)
    uncertainty = f"{'its' if len(named) == 1 else 'their'} uncertainty (the variance of the logarithm)"
    known = f"if it were known how far each side exaggerates on average, {gone} of {uncertainty} would disappear"
    return f"{levels}: {known}{_split(named, shares, of_record)}"


def _split(named: list[str], shares: dict[str, float], of_record: dict[str, float]) -> str:
    """How much of the shares rests on past wars; empty where nothing does."""
    if not any(of_record[m] > 0 for m in named):
        return ""
    learnt = " and ".join(f"{100 * of_record[m]:.0f} %" for m in named)
    assumed = " and ".join(f"{100 * (shares[m] - of_record[m]):.0f} %" for m in named)
    return f" ({learnt} through bias as past wars were reported, {assumed} through bias that is assumed)"


def one_of(names: list[str]) -> str:
    """Names joined for a sentence: a, b or c."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _sentence(table: pd.DataFrame, counts: dict[str, int]) -> str:
    shares = {m: s for m, s in zip(table["measure"], table["share_from_stance"], strict=True) if not np.isnan(s)}
    of_record = dict(zip(table["measure"], table["share_from_record"], strict=True))
    losses = [m for m in ("casualties", "killed", "wounded") if m in shares]
    named = [m for m in [*losses[:1], "deployed"] if m in shares] or list(shares)[:1]
    start = f"{_resting(named, shares, of_record)}; {REST}. " if named else ""
    some = [f"{n} {'comes' if n == 1 else 'come'} from {STANCES[k]}" for k, n in counts.items() if n]
    absent = [STANCES[k] for k, n in counts.items() if not n and k not in ALLIES]
    listed = ", ".join([*some, f"none from {one_of(absent)}"] if absent else some)
    end = "" if any(counts[stance] for stance in INDEPENDENT) else ": no claim anchors the level independently of assumed bias"
    return f"{start}Of {sum(counts.values())} fitted claims {listed}{end}."
