"""The files of an estimate."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import forcest as fc
from forcest.cli.verdict import converged, is_quick, verdict
from forcest.cli.words import counted

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

FIGURES = ("curves", "flow", "bias", "claims", "prior_predictive")
ABOUT = {
    "curves": "curves with the claims on them",
    "flow": "where the deployed are",
    "bias": "bias of the sources, with what was assumed",
    "claims": "claims beside posterior predictions",
    "prior_predictive": "claims beside what the priors alone expect",
}
DPI = 170
NOT_FOR = (
    "These are estimates from public claims by parties with a stake: no count of identified people, no evidence about any "
    "person or unit, no basis for targeting. Their level rests on what is named above."
)


def figures(fit: xr.DataTree) -> list[tuple[str, str, dict[str, str]]]:
    """Figures of a fit: name of the file, which figure, options. Losses alone have no flow; several forces have curves each."""
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
    fit.to_netcdf(folder / "estimate.nc")
    marks = {"converged": str(converged(fit)).lower(), "quick": str(is_quick(fit)).lower()}
    for name, table in (("summary", fc.summary(fit)), ("claims", fc.claims_table(fit))):
        table.assign(**marks).to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    note = ", ".join(f"{k}={v}" for k, v in marks.items())
    for name, figure_of, options in figures(fit):
        axes = np.atleast_1d(getattr(fc.plots, figure_of)(fit, **options))
        figure = axes[0].get_figure(root=True)
        figure.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Description": f"forcest {fc.__version__}: {note}"})
        plt.close(figure)
    fc.report(fit, folder / "report.html")
    (folder / "estimate.txt").write_text(_text(fit, note), encoding="utf-8")


def save(axes: Axes, file: Path) -> None:
    """A figure of one axes as a picture."""
    import matplotlib.pyplot as plt

    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.savefig(file, dpi=DPI)
    plt.close(figure)


def _text(fit: xr.DataTree, note: str) -> str:
    """The short note that travels with the files."""
    attrs = fit.attrs
    quick = "QUICK RUN: coarse and short, not to be quoted.\n\n" if is_quick(fit) else ""
    return (
        f"{quick}forcest {attrs.get('forcest_version', fc.__version__)}, ledger {str(attrs.get('ledger_hash', ''))[:12]}, "
        f"sampler {attrs.get('sampler', '?')}, seed {attrs.get('random_seed', '?')}\n{note}\n\n"
        f"What anchors the level\n{fc.anchors(fit)}\n\nWho was heard\n{_heard(fit)}\n\n"
        f"What was left out\n{_left_out(fit)}\n\nConvergence\n{verdict(fit)}\n\nWhat it may not be used for\n{NOT_FOR}\n\n"
        "Files\n"
        "report.html           all of it on one page\n"
        "estimate.nc           the whole fit: forcest.load() reads it back\n"
        "summary.csv           every measure at the last day with a claim; the interval is named in its column\n"
        "claims.csv            each claim beside what the fit expects its source to say\n"
        + "".join(f"{name + '.png':21} {ABOUT[figure_of]}\n" for name, figure_of, _ in figures(fit))
    )


def _heard(fit: xr.DataTree) -> str:
    """Sources by the number of their fitted claims."""
    from forcest.estimates.draws import group

    sources = Counter(group(fit, "constant_data")["source"].values.tolist())
    heard = [", ".join(f"{source} {n}" for source, n in sources.most_common() if n > 1)]
    once = sum(n == 1 for n in sources.values())
    heard.append(f"{once} with one claim each" if once else "")
    return f"{counted(sum(sources.values()), 'claim')} of {counted(len(sources), 'source')}: {'; '.join(filter(None, heard))}."


def _left_out(fit: xr.DataTree) -> str:
    """Rows of the ledger that were not fitted on their own, by reason."""
    from forcest.estimates.draws import group

    reasons = Counter(row["reason"] for row in json.loads(fit.attrs.get("left_out", "[]")))
    copies = [id_ for ids in group(fit, "constant_data")["copies"].values.tolist() if ids for id_ in ids.split("+")]
    reasons |= {f"merged into a claim for the same date: {', '.join(copies)}": len(copies)} if copies else {}
    return "\n".join(f"{n:4d}  {reason}" for reason, n in reasons.most_common()) or "nothing"
