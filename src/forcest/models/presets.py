"""Models of the shipped ledgers and of publications."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from forcest.errors import ForcestError
from forcest.models.description.priors import between
from forcest.models.force_model import ForceModel
from forcest.models.process.ar1 import AR1
from forcest.models.process.arrivals import Wave, Waves
from forcest.models.process.attrition import Attrition
from forcest.models.process.casualties import CasualtyMix
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery
from forcest.models.process.partner import PartnerForce
from forcest.models.process.withdrawals import Withdrawal
from forcest.models.radford2023.description import Radford2023
from forcest.models.reporting.description import Reporting

if TYPE_CHECKING:
    from forcest.ledger import Ledger

__all__ = ["north_korea_kursk", "radford2023"]

REPLICATION_DATA = "replication-data-pnas.csv"


def north_korea_kursk(step: str = "D") -> ForceModel:
    """The model of North Korean troops in Russia, October 2024 to June 2025, that ``forcest estimate`` runs.

    Parameters
    ----------
    step : str
        ``"D"`` for the estimate, ``"3D"`` for a quick look.

    Notes
    -----
    The sizes of the waves are elicited without the ledger's counts: a contingent between a regiment and a corps in autumn,
    between a battalion and a division for each later wave. Fighting began between the first contact on 4 November 2024 and the
    assaults of 14 December; part of the force left the front in January 2025 and came back in February.

    Examples
    --------
    >>> shipped = fc.presets.north_korea_kursk()
    >>> list(shipped.arrivals.named)
    ['first', 'second', 'third']
    >>> fc.presets.north_korea_kursk(step="3D").step
    '3D'
    """
    return ForceModel(
        start="2024-10-01",
        end="2025-06-30",
        step=step,
        arrivals=Waves(
            first=Wave(size=between(3_000, 30_000), window=("2024-10-08", "2024-11-15")),
            second=Wave(size=between(300, 10_000), window=("2025-01-01", "2025-02-28")),
            third=Wave(size=between(300, 10_000), window=("2025-01-20", "2025-04-15")),
        ),
        training=Delay(mean=between(10, 45)),
        attrition=Attrition(hazard=between(5e-4, 2e-2), begins=("2024-11-04", "2024-12-14"), smooth=AR1(every="14D")),
        withdrawals=[
            Withdrawal(window=("2025-01-10", "2025-01-31"), share=between(0.2, 0.9), returns=("2025-02-05", "2025-02-20")),
        ],
        casualties=CasualtyMix(
            wounded_per_killed=between(1.5, 11, prob=0.95), captured=between(0.0005, 0.03), missing=between(0.001, 0.05)
        ),
        recovery=Recovery(share=between(0.05, 0.65), fast=Delay(mean=between(2, 5)), slow=Delay(mean=between(20, 90))),
        partner=PartnerForce(strength=between(35_000, 70_000)),
        combat_value=between(0.5, 4),
        reporting=Reporting(),
    )


def radford2023(path: str | os.PathLike[str] | None = None) -> tuple[Ledger, Radford2023]:
    """The published model of Radford et al. (2023) and the ledger of its 4,609 claims.

    Parameters
    ----------
    path : path, optional
        ``replication-data-pnas.csv`` or a folder that holds it (also in ``radford2023/`` or ``data/``, as stored and as published);
        fetched unless given (``FORCEST_DATA``, the cache, the network).

    Returns
    -------
    ledger : Ledger
        Losses of people and of equipment of both sides: see :func:`forcest.datasets.read_radford2023_reports`.
    model : Radford2023
        To be fitted with :func:`forcest.fit`; its priors and splines are those of the publication.

    Raises
    ------
    ForcestError
        If there is no such file, or it is not the replication data.

    Examples
    --------
    >>> fc.presets.radford2023("nowhere")
    Traceback (most recent call last):
    ...
    forcest.errors.ForcestError: `path` must be replication-data-pnas.csv or a folder that holds it; got 'nowhere'. ...
    >>> reports, published = fc.presets.radford2023()  # doctest: +SKIP
    >>> fit_of_it = fc.fit(published, reports, random_seed=1)  # doctest: +SKIP
    """
    from forcest.datasets import fetch, read_radford2023_reports

    file = fetch("radford2023") if path is None else _replication_data(Path(path).expanduser())
    return read_radford2023_reports(file), Radford2023()


def _replication_data(path: Path) -> Path:
    if path.is_file():
        return path
    places = [path / folder / REPLICATION_DATA for folder in ("", "radford2023", "data")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ForcestError(
            f"`path` must be {REPLICATION_DATA} or a folder that holds it; got {str(path)!r}. Get it with `forcest datasets fetch "
            "radford2023`, or leave `path` out."
        )
    return found
