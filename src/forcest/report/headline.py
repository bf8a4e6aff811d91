# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pandas types a subset of what it accepts.
"""What a reader sees first: the answer in a sentence, a few numbers, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forcest.estimates.anchors import INDEPENDENT, STANCES, one_of
from forcest.estimates.draws import day_in_words
from forcest.estimates.wording import about, interval_in_words
from forcest.ledger.measures import ANSWERS, MEASURES
from forcest.report.results import Results

EXACT_BELOW = 20
"""Numbers below it are said without "about"."""
MOST_CARDS = 6
LEAST_LEARNT = 0.05
"""Share of the uncertainty through learnt bias from which it is mentioned."""
BAR_WIDTH = 200
"""Units of the drawing of a card's intervals."""


@dataclass(frozen=True)
class Bar:
    """Intervals of a card as places from 0 to :data:`BAR_WIDTH`, on the scale of log(1 + persons); no prior in a forecast."""

    low: float
    median: float
    high: float
    prior_low: float | None = None
    prior_high: float | None = None


@dataclass(frozen=True)
class Card:
    """One number: whose, what, how many, how sure, and the same drawn."""

    force: str
    label: str
    number: str
    interval: str
    spoken: str
    bar: Bar


@dataclass(frozen=True)
class Headline:
    """The first screen of a page.

    Parameters
    ----------
    sentences : list of str
        The answer, a sentence for each force.
    cards : list of Card
    sureness : list of str
        How sure the answer is, and why not surer; to be quoted as they stand.
    curves : list of (measure, force)
        What the answer is about: for each force the most wanted measure with a claim.
    """

    sentences: list[str]
    cards: list[Card]
    sureness: list[str]
    curves: list[tuple[str, str]]


def headline_of(results: Results) -> Headline:
    """The first screen of the page of a fit or a forecast."""
    found = results.summary[results.summary["measure"].isin(ANSWERS)]
    order = found["measure"].map(ANSWERS.index)
    wanted = found.assign(order=order, unclaimed=found["n_claims"] == 0).sort_values(["unclaimed", "order"], kind="stable")
    main = wanted.drop_duplicates("force").sort_index().to_dict("records")
    return Headline(
        sentences=[_sentence(row, results) for row in main],
        cards=list(_cards(wanted, results.forces)),
        sureness=[_outside(main, results), _why(main, results), _what_would_help(main, results)],
        curves=[(row["measure"], row["force"]) for row in main],
    )


def _sentence(row: Mapping[Any, Any], results: Results) -> str:
    """The answer for one force."""
    measure = MEASURES[row["measure"]]
    when = "by" if measure.grows else "on"
    rounded = "about " if row["median"] >= EXACT_BELOW else ""
    counted = f"{rounded}{about(row['median'])} {measure.counted} {when} {day_in_words(results.date)}"
    forecast = " (a forecast)" if results.opened.forecast_from else ""
    return f"{row['force']}: {counted}{forecast}, with 90 % probability {interval_in_words(row['low'], row['high'])}."


def _cards(wanted: pd.DataFrame, forces: list[str]) -> Iterator[Card]:
    """Up to six numbers, as many of each force: the most wanted with a claim, in the order of the summary."""
    each = max(1, MOST_CARDS // len(forces))
    for force in forces:
        own = wanted[wanted["force"] == force]
        claimed = own[~own["unclaimed"]]
        for row in (claimed if len(claimed) else own).head(each).sort_index().to_dict("records"):
            yield _card(row, force if len(forces) > 1 else "")


def _card(row: Mapping[Any, Any], force: str) -> Card:
    interval = f"{about(row['low'])} to {about(row['high'])}"
    label = MEASURES[row["measure"]].counted
    prior = ""
    if np.isfinite(row["prior_low"]):
        prior = f" Before the claims: {about(row['prior_low'])} to {about(row['prior_high'])}."
    spoken = f"{about(row['median'])} {label}, 90 % interval {interval}.{prior}"
    return Card(force, label[0].upper() + label[1:], about(row["median"]), interval, spoken, _bar(row))


def _bar(row: Mapping[Any, Any]) -> Bar:
    """Places of the intervals, from the lowest to the highest end."""
    names = ["low", "median", "high"]
    if np.isfinite(row["prior_low"]):
        names += ["prior_low", "prior_high"]
    at = np.log1p(np.maximum(0.0, [row[name] for name in names]))
    places = BAR_WIDTH * (at - at.min()) / max(float(np.ptp(at)), 1e-9)
    return Bar(**{name: round(float(place), 1) for name, place in zip(names, places, strict=True)})


def _outside(main: list[dict[Any, Any]], results: Results) -> str:
    """What the interval means."""
    assumed = "if the model is right" if not results.opened.forecast_from else "if the model is right and goes on to hold"
    if len(main) > 1:
        return f"For each force there is one chance in ten that the true number lies outside its interval, {assumed}."
    limits = f"{about(main[0]['low'])} to {about(main[0]['high'])}"
    return f"There is one chance in ten that the true number lies outside {limits}, {assumed}."


def _why(main: list[dict[Any, Any]], results: Results) -> str:
    """How much of the uncertainty is an assumption, and who made the claims."""
    counts = results.anchors.claims_by_stance
    shares = _shares(main, results.anchors.table)
    made = [f"{n} {'comes' if n == 1 else 'come'} from {STANCES[stance]}" for stance, n in counts.items() if n]
    none = [STANCES[stance] for stance in INDEPENDENT if not counts[stance]]
    lacking = f", none from {one_of(none)}" if none else ""
    claims = f"Of {sum(counts.values())} claims {', '.join(made)}{lacking}."
    if not shares:
        return claims
    how = "Most" if min(shares) >= 0.5 else "Part" if max(shares) >= 0.2 else "Little"
    learnt = _shares(main, results.anchors.table, "share_from_record")
    origin = "which is assumed"
    if max(learnt) >= LEAST_LEARNT:
        origin = f"which is in part ({_percents(learnt)}) learnt from past wars and otherwise assumed"
    return f"{how} of that uncertainty ({_percents(shares)}) is about how far each side exaggerates, {origin}. {claims}"


def _percents(shares: list[float]) -> str:
    return " and ".join(f"{100 * share:.0f} %" for share in shares)


def _shares(main: list[dict[Any, Any]], table: pd.DataFrame, column: str = "share_from_stance") -> list[float]:
    """Share of the uncertainty of each answer that is bias of a side, or that is bias learnt from past wars."""
    if table.empty:
        return []
    shares = table.set_index(["force", "measure"])[column]
    return [share for row in main if np.isfinite(share := float(shares.get((row["force"], row["measure"]), np.nan)))]


def _what_would_help(main: list[dict[Any, Any]], results: Results) -> str:
    """Which information would change the answer."""
    counts = results.anchors.claims_by_stance
    another = "More counts" if any(counts[stance] for stance in INDEPENDENT) else "Counts"
    wanted = f"{another} from a register, from a list of names or by the force's own side would narrow it most"
    return f"{wanted}{_carries(results.influence, main[0]['measure']) if len(main) == 1 else ''}."


def _carries(influence: pd.DataFrame | None, measure: str) -> str:
    """Which source the answer about one force hangs on."""
    if influence is None or influence.empty or "source" not in influence:
        return ""
    own = influence[influence["measure"] == measure]
    unknown = own.loc[own["shift"].isna()]
    if len(unknown) > 1:
        return f"; how much it hangs on {len(unknown)} of the {len(own)} sources can be said only by fits without them"
    if len(unknown):
        return f"; without the claims of {unknown['source'].iloc[0]} it would probably move, by how much needs a fit without them"
    if own.empty:
        return ""
    most = own.sort_values("shift_sd", key=np.abs).iloc[-1]
    return f"; without the claims of {most['source']} it would be {about(most['new_median'])}"
