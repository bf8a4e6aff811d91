"""Shipped ledgers, public data sets that can be fetched, and readers that convert them to ledgers."""

from __future__ import annotations

from forcest.datasets.acled import read_acled
from forcest.datasets.adapting import LeftOutWarning
from forcest.datasets.conversion import conversion_summary
from forcest.datasets.economist import read_economist_estimates, read_uk_mod_monthly
from forcest.datasets.fetching import cache_folder, fetch, locate
from forcest.datasets.meduza import read_meduza_weekly
from forcest.datasets.outcomes import read_outcomes
from forcest.datasets.radford2023 import read_radford2023, read_radford2023_reports
from forcest.datasets.registry import PUBLIC, PublicFile
from forcest.datasets.reporting_record import reporting_record
from forcest.datasets.shipped import load, names, outcomes
from forcest.datasets.ucdp import read_ucdp_ged

__all__ = [
    "PUBLIC",
    "LeftOutWarning",
    "PublicFile",
    "cache_folder",
    "conversion_summary",
    "fetch",
    "load",
    "locate",
    "names",
    "outcomes",
    "read_acled",
    "read_economist_estimates",
    "read_meduza_weekly",
    "read_outcomes",
    "read_radford2023",
    "read_radford2023_reports",
    "read_ucdp_ged",
    "read_uk_mod_monthly",
    "reporting_record",
]
