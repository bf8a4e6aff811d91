"""Public data sets that can be fetched: address, checksum, licence and reader of each file."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import quote

from forcest.errors import ForcestError

RAW = "https://raw.githubusercontent.com"
"""The server. A URL is RAW/<owner>/<repository>/<commit>/<path>, whose content never changes."""


@dataclass(frozen=True)
class PublicFile:
    """One public file at a pinned commit.

    Examples
    --------
    >>> file = fc.datasets.PUBLIC["radford2023"]
    >>> file.licence, file.adapter
    ('MIT', 'read_radford2023')
    """

    name: str
    about: str
    repository: str
    commit: str
    path: str
    sha256: str
    size: int
    """[bytes]"""
    licence: str
    adapter: str
    """Name of the function in ``forcest.datasets`` that reads the file as a ledger."""
    stored: str
    """Path below the cache folder and below ``FORCEST_DATA``."""

    @property
    def url(self) -> str:
        """The URL from which the file is fetched."""
        return f"{RAW}/{self.repository}/{self.commit}/{quote(self.path)}"


_RADFORD = ("benradford/estimating-conflict-losses", "7664712b8175a73c049540b15a164f2ad7dd06e7")
_ECONOMIST = (
    "TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates",
    "978a24b4abdcca2ca6e89e2158dc5c281ea760ca",
)
_FOLDER = "source-data/deaths-and-casualties-data"

_FILES = (
    PublicFile(
        name="radford2023",
        about="Reports of losses in Ukraine, first year (Radford et al.)",
        repository=_RADFORD[0],
        commit=_RADFORD[1],
        path="data/replication-data-pnas.csv",
        sha256="21adb806dcc553832d813831028974c6967785ec1322bd0a78c68272a774bb34",
        size=450_476,
        licence="MIT",
        adapter="read_radford2023",
        stored="radford2023/replication-data-pnas.csv",
    ),
    PublicFile(
        name="economist_estimates",
        about="Estimates of losses in Ukraine (The Economist)",
        repository=_ECONOMIST[0],
        commit=_ECONOMIST[1],
        path=f"{_FOLDER}/Soldier deaths_casualties in Ukraine - estimates.csv",
        sha256="614676065b5ac9d08dfcbc63282227037954adad74a558a1c0fdef61d4f263b4",
        size=17_503,
        licence="MIT",
        adapter="read_economist_estimates",
        stored="economist/estimates.csv",
    ),
    PublicFile(
        name="uk_mod_monthly",
        about="Russian casualties by month (UK MoD)",
        repository=_ECONOMIST[0],
        commit=_ECONOMIST[1],
        path=f"{_FOLDER}/Soldier deaths_casualties in Ukraine - uk mod month-by-month estimates.csv",
        sha256="6e30e4d59b57a5e4a41333706504d1a9eca417bdd11cd8e539f3a766937889cd",
        size=5_360,
        licence="MIT",
        adapter="read_uk_mod_monthly",
        stored="economist/uk_mod_monthly.csv",
    ),
    PublicFile(
        name="meduza_weekly",
        about="Russian deaths by week, from records (Meduza)",
        repository=_ECONOMIST[0],
        commit=_ECONOMIST[1],
        path=f"{_FOLDER}/meduza_2026_weekly.csv",
        sha256="da21e90b7addd105ccaba397429d984b0f799743889aa504c07c1f2b960c731b",
        size=39_318,
        licence="MIT",
        adapter="read_meduza_weekly",
        stored="economist/meduza_2026_weekly.csv",
    ),
)

PUBLIC: dict[str, PublicFile] = {file.name: file for file in _FILES}


def public_file(name: str) -> PublicFile:
    """The entry of a public data set; an unknown name is an error that suggests a similar one."""
    if name in PUBLIC:
        return PUBLIC[name]
    near = get_close_matches(str(name), PUBLIC, n=1)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    raise ForcestError(
        f"name must be a public data set that can be fetched; got {name!r}. {hint}Public data sets: {', '.join(PUBLIC)}. "
        "A shipped ledger is not fetched: call forcest.datasets.load(name)."
    )
