"""Digests of results as JSON, made where the libraries named on the command line cannot be imported."""

import sys

for blocked in sys.argv[1:]:
    sys.modules[blocked] = None

import hashlib  # noqa: E402 - the libraries are blocked first
import json  # noqa: E402

import pandas as pd  # noqa: E402

import forcest as fc  # noqa: E402
import synthetic_fit  # noqa: E402

ODD = ["١٢٣", "1\u202f000", "İstanbul", "straße", "a\x1fb", " \u2003x\u2003 ", "😀", "NA", "", "1,5", "12k"]
"""Texts that regular expressions, letter cases and blanks of different libraries may treat differently."""
EVENT = {
    "event_id_cnty": "A1",
    "event_date": "2024-01-0١",
    "year": "2024",
    "time_precision": "1",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": "X İ",
    "actor2": "Y",
    "fatalities": "٣",
    "notes": "n",
    "source": "s",
    "country": "c",
}


def digest(*tables):
    return [hashlib.sha256(table.to_csv().encode()).hexdigest()[:12] for table in tables]


def of_ledger(ledger):
    return [ledger.hash, *digest(ledger.problems(), ledger.to_dataframe())]


def of_events():
    try:
        return fc.datasets.read_acled(pd.DataFrame([EVENT])).to_csv()
    except fc.errors.ForcestError as error:
        return str(error)


found = {name: of_ledger(fc.datasets.load(name)) for name in fc.datasets.names()}
first = fc.datasets.load("north_korea_kursk").to_dataframe().iloc[0].astype(object).to_dict()
odd = [first | {"id": f"x{i}", "source": text, "value": text, "note": text} for i, text in enumerate(ODD)]
found["odd"] = of_ledger(fc.read_ledger(pd.DataFrame(odd)))
found["events"] = of_events()
found["record"] = digest(fc.datasets.reporting_record())
fit = synthetic_fit.build()
found["fit"] = digest(fc.summary(fit), fc.claims_table(fit), fc.contradictions(fit, by_chance=True))
found["text of pandas"] = type(pd.Series(["a"]).array).__name__
print(json.dumps(found))
