"""The files of an estimate."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import forcest as fc
from forcest.attributes import LIMITS_OF_USE, Attributes
from forcest.cli.console import count_of
from forcest.cli.output import FIT
from forcest.errors import ForcestError
from forcest.writing import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

FIGURES = ("curves", "flow", "bias", "claims", "prior_predictive")
ABOUT = {
    "curves": "curves with the claims on them",
    "flow": "states of the people deployed",
    "bias": "bias of each source, posterior and prior",
    "claims": "claims and posterior predictions",
    "prior_predictive": "claims and prior predictions",
}
DPI = 170


def figures(fit: xr.DataTree) -> list[tuple[str, str, dict[str, str]]]:
    """Figures of a fit: name of the file, which figure, options. Losses alone have no flow; each force has its own curves."""
    from forcest.estimates.draws import group

    posterior = group(fit, "posterior")
    forces = [str(force) for force in posterior["force"].values]
    found = []
    for name in FIGURES:
        if name == "curves" and len(forces) > 1:
            found += [(f"curves_{_as_file_name(force, i)}", name, {"force": force}) for i, force in enumerate(forces, start=1)]
        elif name != "flow" or "deployed" in posterior:
            found.append((name, name, {}))
    return found


def _as_file_name(force: str, number: int) -> str:
    """A force in the name of a file: letters and digits, and its number where others might read the same."""
    word = re.sub(r"[^a-z0-9]+", "_", force.lower()).strip("_")
    return f"{number}_{word}"[:40]


def write_files(fit: xr.DataTree, folder: Path) -> None:
    """All files of an estimate, into a folder of their own."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import numpy as np

    mpl.use("Agg")
    save_fit(fit, folder)
    attributes = Attributes.of(fit)
    flags = {name: str(value).lower() for name, value in attributes.flags.items()}
    for name, table in (("summary", fc.summary(fit)), ("claims", fc.claims_table(fit))):
        write_table(table.assign(**flags), folder / f"{name}.csv")
    for name, figure_of, options in figures(fit):
        axes = np.atleast_1d(getattr(fc.plots, figure_of)(fit, **options))
        figure = axes[0].get_figure(root=True)
        figure.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Description": f"forcest {fc.__version__}: {_flags(attributes)}"})
        plt.close(figure)
    found = fc.contradictions(fit, by_chance=True)
    fc.report(fit, folder / "report.html", contradictions=found)
    (folder / "estimate.txt").write_text(_text(fit, found), encoding="utf-8")


def save_fit(fit: xr.DataTree, folder: Path) -> None:
    """The fit, before anything that may fail; if its folder is full, among the temporary files, so that it is not lost."""
    try:
        fc.save(fit, folder / FIT)
    except OSError as problem:
        elsewhere = fc.save(fit, Path(mkdtemp(prefix="forcest-")) / FIT)
        raise ForcestError(
            f"the fit is finished, but it cannot be written to the output folder: {problem}. It is kept in {elsewhere}: "
            "forcest report FILE writes its page."
        ) from problem


def write_table(table: pd.DataFrame, file: Path) -> None:
    """A table as CSV that a spreadsheet program opens without running anything."""
    from forcest.ledger.formulas import inert_table

    write_whole(file, inert_table(table).to_csv(index=False, float_format="%.6g"))


def save(axes: Axes, file: Path) -> None:
    """A figure of one axes as a picture."""
    import matplotlib.pyplot as plt

    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.savefig(file, dpi=DPI)
    plt.close(figure)


def _text(fit: xr.DataTree, found: pd.DataFrame) -> str:
    """The text file of an estimate."""
    from forcest.checks.contradictions import summary_of

    attributes = Attributes.of(fit)
    provenance, verdict = attributes.provenance, attributes.verdict
    parts = {
        "": "".join(f"{sentence}\n\n" for sentence in verdict.sentences)
        + f"forcest {provenance['forcest']}, ledger {provenance['ledger (SHA-256)'][:12]}, sampler {provenance['sampler']}, "
        + f"random seed {provenance['random seed']}\n{_flags(attributes)}",
        **({"The model": text} if (text := _choice(fit)) else {}),
        "What anchors the level": str(fc.anchors(fit)),
        "Sources": _sources(fit),
        "Contradictions": summary_of(found),
        "Rows that were not fitted on their own": _left_out(fit, attributes),
        "Convergence": str(verdict) if verdict.converged else str(fc.diagnose(fit)),
        "Limits of use": LIMITS_OF_USE,
        "Files": _files(fit),
    }
    return "\n\n".join(f"{title}\n{text}".strip() for title, text in parts.items()) + "\n"


def _choice(fit: xr.DataTree) -> str:
    from forcest.inference.opened import OpenedFit
    from forcest.models.default import choice

    opened = OpenedFit.of(fit)
    return choice(opened.model, opened.ledger)


def _flags(attributes: Attributes) -> str:
    return ", ".join(f"{name}={str(value).lower()}" for name, value in attributes.flags.items())


def _files(fit: xr.DataTree) -> str:
    about = {
        "report.html": "all results on one page",
        "estimate.nc": "the complete fit, for forcest.load()",
        "summary.csv": "every measure at the last day with a claim",
        "claims.csv": "each claim with its posterior predictive interval",
        **{f"{name}.png": ABOUT[figure_of] for name, figure_of, _ in figures(fit)},
    }
    return "\n".join(f"{name:21} {text}" for name, text in about.items())


def _sources(fit: xr.DataTree) -> str:
    """Sources by the number of their fitted claims."""
    from forcest.estimates.draws import group

    counts = Counter(group(fit, "constant_data")["source"].values.tolist())
    named = [", ".join(f"{source} {n}" for source, n in counts.most_common() if n > 1)]
    once = sum(n == 1 for n in counts.values())
    named.append(f"{once} with one claim each" if once else "")
    return f"{count_of(sum(counts.values()), 'claim')} by {count_of(len(counts), 'source')}: {'; '.join(filter(None, named))}."


def _left_out(fit: xr.DataTree, attributes: Attributes) -> str:
    """Rows of the ledger that were not fitted on their own, by reason."""
    from forcest.estimates.draws import group
    from forcest.inference.opened import OpenedFit

    reasons = Counter(row["reason"] for row in attributes.left_out)
    copies = [id_ for ids in group(fit, "constant_data")["copies"].values.tolist() if ids for id_ in ids.split("+")]
    repeats = [claim.id for claim in OpenedFit.of(fit).bound.claims if claim.repeats]
    for words, ids in (
        ("merged into a claim for the same date", copies),
        ("fitted for their own date, but share most of their error with the claim they repeat", repeats),
    ):
        reasons |= {f"{words}: {', '.join(ids)}": len(ids)} if ids else {}
    return "\n".join(f"{n:4d}  {reason}" for reason, n in reasons.most_common()) or "none"
