"""Ledgers that ship with the package, public data sets that can be fetched, and adapters that read them as ledgers."""

from __future__ import annotations

from forcest.datasets.accounts import account
from forcest.datasets.acled import read_acled
from forcest.datasets.adapting import LeftOutWarning
from forcest.datasets.economist import read_economist_estimates, read_meduza_weekly, read_uk_mod_monthly
from forcest.datasets.fetching import cache_folder, fetch, whereabouts
from forcest.datasets.radford2023 import read_radford2023, read_radford2023_reports
from forcest.datasets.registry import PUBLIC, PublicFile
from forcest.datasets.shipped import load, names
from forcest.datasets.ucdp import read_ucdp_ged

__all__ = [
    "PUBLIC",
    "LeftOutWarning",
    "PublicFile",
    "account",
    "cache_folder",
    "fetch",
    "load",
    "names",
    "read_acled",
    "read_economist_estimates",
    "read_meduza_weekly",
    "read_radford2023",
    "read_radford2023_reports",
    "read_ucdp_ged",
    "read_uk_mod_monthly",
    "whereabouts",
]
