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
from forcest.report.results import Results

ANSWERS = {
    "killed": "killed",
    "casualties": "casualties",
    "deployed": "sent",
    "at_front": "at the front",
    "wounded": "wounded",
    "captured": "captured",
    "missing": "missing",
    "in_training": "in training",
    "withdrawn_home": "withdrawn home",
}
"""Measures that a headline may be about, the most wanted first, and how they follow their number."""
EXACT_BELOW = 20
"""Numbers below it are said without "about"."""
MOST_CARDS = 6
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
    measure : str
        The measure that the answer is about.
    """

    sentences: list[str]
    cards: list[Card]
    sureness: list[str]
    measure: str


def headline_of(results: Results) -> Headline:
    """The first screen of the page of a fit or a forecast."""
    found = results.summary
    asked = found[(found["n_claims"] > 0) & found["measure"].isin(list(ANSWERS))]
    known = asked if len(asked) else found[found["measure"].isin(list(ANSWERS))]
    measure = next(name for name in ANSWERS if name in set(known["measure"]))
    main = known[known["measure"] == measure].to_dict("records")
    return Headline(
        sentences=[_sentence(row, results) for row in main],
        cards=list(_cards(known, results.forces)),
        sureness=[_outside(main, results), _why(results, measure), *_what_would_help(results, measure)],
        measure=measure,
    )


def _sentence(row: Mapping[Any, Any], results: Results) -> str:
    """The answer for one force."""
    when = "on" if row["measure"] in ("at_front", "in_training") else "by"
    rounded = "about " if row["median"] >= EXACT_BELOW else ""
    counted = f"{rounded}{about(row['median'])} {ANSWERS[row['measure']]} {when} {day_in_words(results.date)}"
    forecast = " (a forecast)" if results.opened.forecast_from else ""
    return f"{row['force']}: {counted}{forecast}, with 90 % probability {interval_in_words(row['low'], row['high'])}."


def _cards(known: pd.DataFrame, forces: list[str]) -> Iterator[Card]:
    """Up to six numbers, as many of each force; in the order of the summary, with the most wanted measures."""
    each = max(1, MOST_CARDS // len(forces))
    order = list(ANSWERS)
    for force in forces:
        own = known[known["force"] == force]
        wanted = sorted(own["measure"], key=order.index)[:each]
        for row in own[own["measure"].isin(wanted)].to_dict("records"):
            yield _card(row, force if len(forces) > 1 else "")


def _card(row: Mapping[Any, Any], force: str) -> Card:
    interval = f"{about(row['low'])} to {about(row['high'])}"
    label = ANSWERS[row["measure"]]
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
    several = len(main) > 1
    limits = " and ".join(f"{about(row['low'])} to {about(row['high'])}{f' ({row["force"]})' if several else ''}" for row in main)
    assumed = "if the model is right" if not results.opened.forecast_from else "if the model is right and goes on to hold"
    numbers = "the true numbers lie" if several else "the true number lies"
    return f"There is one chance in ten that {numbers} outside {limits}, {assumed}."


def _why(results: Results, measure: str) -> str:
    """How much of the uncertainty is an assumption, and who made the claims."""
    table, counts = results.anchors.table, results.anchors.claims_by_stance
    shares = table.loc[table["measure"] == measure, "share_from_stance"].dropna() if len(table) else pd.Series(dtype=float)
    made = [f"{n} {'comes' if n == 1 else 'come'} from {STANCES[stance]}" for stance, n in counts.items() if n]
    none = [STANCES[stance] for stance in INDEPENDENT if not counts[stance]]
    lacking = f", none from {one_of(none)}" if none else ""
    claims = f"Of {sum(counts.values())} claims {', '.join(made)}{lacking}."
    if shares.empty:
        return claims
    share = float(shares.mean())
    how = "Most" if share >= 0.5 else "Part" if share >= 0.2 else "Little"
    return f"{how} of that uncertainty ({100 * share:.0f} %) is about how far each side exaggerates, which is assumed. {claims}"


def _what_would_help(results: Results, measure: str) -> list[str]:
    """Which information would change the answer."""
    counts = results.anchors.claims_by_stance
    another = "More counts" if any(counts[stance] for stance in INDEPENDENT) else "Counts"
    wanted = f"{another} from a register, from a list of names or by the force's own side would narrow it most"
    return [f"{wanted}{_carries(results.influence, measure)}."]


def _carries(influence: pd.DataFrame | None, measure: str) -> str:
    """Which source the answer hangs on."""
    if influence is None or influence.empty:
        return ""
    own = influence[influence["measure"].str.endswith(measure)]
    unknown = own.loc[own["shift"].isna()]
    if len(unknown) > 1:
        return f"; how much it hangs on {len(unknown)} of the {len(own)} sources can be said only by fits without them"
    if len(unknown):
        return f"; without the claims of {unknown['source'].iloc[0]} it would probably move, by how much needs a fit without them"
    if own.empty:
        return ""
    most = own.sort_values("shift_sd", key=np.abs).iloc[-1]
    return f"; without the claims of {most['source']} it would be {about(most['new_median'])}"
