"""What follows from a sentence: one line with a sentence and the rows that it must give, published on 14 February 2025."""

import datetime as dt

import pytest

from forcest.drafting.proposals import proposals

PUBLISHED = dt.date(2025, 2, 14)

COUNTS = {
    "About 4,000 soldiers have been killed or wounded, according to two Western officials.": [
        "casualties cumulative about 4000 | two Western officials third_party"
    ],
    "An additional 3,500 soldiers are training at five sites in the east, the minister said.": [
        "in_training stock about 3500 | minister unknown"
    ],
    "Two battalions totalling 1,500 men moved up to the line, intelligence officers said.": [
        "at_front cumulative about 1500 | intelligence officers unknown"
    ],
    "The dead number 412, the war office announced; the wounded, 1,930.": [
        "killed cumulative exact 412 | war office unknown",
        "wounded cumulative exact 1930 | war office unknown",
    ],
    "We have 214 men in hospital, the colonel told our correspondent.": ["in_hospital stock exact 214 | colonel unknown"],
    "The hospital is treating 64 of the wounded, a doctor said.": ["in_hospital stock exact 64 | doctor unknown"],
    "The ministry puts the dead at at least 400 and perhaps as many as 650.": [
        "killed cumulative range 400 650 | ministry unknown"
    ],
    "At least 100 men have been killed and probably another 1,000 wounded, the service reports.": [
        "killed cumulative at_least 100 | service unknown",
        "wounded flow about 1000 | service unknown",
    ],
    "Some 10-12 thousand soldiers and 1.5 to 2 thousand officers have come, the daily wrote.": [
        "deployed cumulative range 10000 12000 | daily third_party",
        "deployed cumulative range 1500 2000 | daily third_party",
    ],
    "Tens of thousands of troops have been sent, and dozens have been captured.": [
        "deployed cumulative derived 20000 90000 |  unknown",
        "captured cumulative dozens |  unknown",
    ],
    "Rebels said they had captured 46 soldiers; the army acknowledged the loss of 30.": [
        "captured cumulative exact 46 | Rebels enemy",
        "casualties cumulative exact 30 | army own",
    ],
    "Nearly half of the 11,000 soldiers have been killed or wounded, the president said.": [
        "casualties cumulative derived 4700 5500 | president unknown",
        "deployed cumulative about 11000 | president unknown",
    ],
    "Of the 8,000 who landed, one in ten is missing and 600 have been flown home, the chief of staff said.": [
        "deployed cumulative about 8000 | chief of staff unknown",
        "missing stock derived 720 880 | chief of staff unknown",
        "withdrawn_home cumulative about 600 | chief of staff unknown",
    ],
    "Photographs show no sign of foreign troops in the trenches, the alliance said.": [
        "at_front stock none_seen | alliance unknown"
    ],
    "Not a single soldier of ours has been sent abroad, the foreign minister insisted.": [
        "deployed cumulative exact 0 | foreign minister own"
    ],
    "The embassy denies that any of its soldiers are in the country.": ["deployed stock exact 0 | embassy own"],
    "The president said each of the fighters is worth two of the local conscripts.": [
        "equivalence stock about 2 | president unknown"
    ],
    "The two armies together have 42,000 men at the front, an attaché said.": [
        "combined_strength stock about 42000 | attaché unknown"
    ],
    "The emir has promised another ten thousand fighters.": ["planned flow about 10000 | emir own"],
    "The ministry revised its count of wounded from 640 to 715.": ["wounded cumulative exact 715 | ministry unknown"],
    "The general said 300 had fallen. Of the fallen he knew no more; 300 had fallen, he said.": [
        "killed cumulative about 300 | general unknown"
    ],
    "The paper reports, citing a general on the staff, that 40 have died.": [
        "killed cumulative exact 40 | general on the staff unknown"
    ],
}

DATES = {
    "A further 1,000 troops were sent in January and February.": "flow 2025-02-28 2025-01-01 2025-02-28",
    "Up to 15,000 combat troops had been sent by April.": "cumulative 2024-04-30",
    "Thirty-five thousand soldiers have crossed the strait since 3 May.": "flow 2025-02-14 2024-05-03 2025-02-14",
    "Fifteen hundred conscripts were loaded on ships and sent home on 12 March.": "flow 2024-03-12",
    "In the past 24 hours 720 soldiers were killed.": "flow 2025-02-14 2025-02-13 2025-02-14",
    "Last week 720 soldiers were killed.": "flow 2025-02-09 2025-02-03 2025-02-09",
    "Over the weekend 22 raiders were killed.": "flow 2025-02-09 2025-02-08 2025-02-09",
    "In the last week of January 310 men were wounded.": "flow 2025-01-31 2025-01-25 2025-01-31",
    "From 1 to 15 August the force lost 940 men.": "flow 2024-08-15 2024-08-01 2024-08-15",
    "So far this year 6,100 soldiers have been sent home.": "flow 2025-02-14 2025-01-01 2025-02-14",
    "Two days ago 18 soldiers were killed.": "flow 2025-02-12",
    "By mid-January 3,400 had landed.": "cumulative 2025-01-15",
    "Since it arrived the corps has lost 140 men.": "cumulative 2025-02-14",
    "The attack on Sunday brings the number of dead to 700.": "cumulative 2025-02-09",
    "On Tuesday the ministry said 16 had died.": "cumulative 2025-02-11",
    "The kingdom plans to keep 2,500 men on the island through March.": "stock 2025-03-31",
    "They plan to send 4,000 men next month.": "flow 2025-03-31 2025-03-01 2025-03-31",
    "In recent weeks 300 soldiers were killed.": "flow 2025-02-14",
}

SILENT = (
    "The raid destroyed 40 trucks, 12 guns and 600 horses.",
    "The shelling killed 17 civilians and wounded 45 others.",
    "A soldier is paid $2,000 a month and 400,000 when he signs.",
    "Most of them are 18 to 27 years old.",
    "If the ridge falls, 20,000 soldiers could be killed, he warned.",
    "Losses run to 60 men a day.",
    "This was 15 more than in December.",
    "In the earlier war the same army lost 9,000 men.",
    "In 1916 the regiment lost 900 men at the ford.",
    "Some 200 soldiers deserted and 150 were exchanged.",
    "The ship can carry 1,200 soldiers, and the garrison has food for 3,000 men.",
    "Two battalions followed, with all their 120-mm mortars.",
    "Officials would not say how many had fallen; a handful of reporters waited.",
    "About 15 officials of the ministry left for the front.",
)

PARTIAL = (
    "The 12th brigade lost 45 men, a sergeant said.",
    "Some 60 volunteers were killed in an air strike on 4 March.",
    "At the bridge 31 soldiers were wounded.",
)


def shown(row):
    numbers = "".join(f" {number:g}" for number in (row.value, row.low, row.high) if number is not None)
    return f"{row.measure} {row.scope} {row.qualifier}{numbers} | {row.source} {row.side}"


@pytest.mark.parametrize("sentence", COUNTS)
def test_counts_sources_and_sides(sentence):
    assert [shown(row) for row in proposals(sentence, PUBLISHED)] == COUNTS[sentence]


@pytest.mark.parametrize("sentence", DATES)
def test_scopes_and_dates(sentence):
    (row,) = proposals(sentence, PUBLISHED)
    assert " ".join([row.scope, str(row.as_of), *map(str, row.window or ())]) == DATES[sentence]


@pytest.mark.parametrize("sentence", SILENT)
def test_other_numbers_give_no_row(sentence):
    assert list(proposals(sentence, PUBLISHED)) == []


@pytest.mark.parametrize("sentence", PARTIAL)
def test_one_unit_place_or_strike_is_partial(sentence):
    (row,) = proposals(sentence, PUBLISHED)
    assert row.partial


def test_the_whole_force_is_not_partial():
    (row,) = proposals("The corps has lost 45 men, its commander admitted.", PUBLISHED)
    assert (row.partial, row.side) == (False, "own")


def test_a_source_speaks_to_the_end_of_its_paragraph():
    text = "The mission said 24 of its men were wounded. One has died.\n\nAnother 30 were hurt."
    assert [row.source for row in proposals(text, PUBLISHED)] == ["mission", "mission", ""]


def test_a_pronoun_stands_for_the_last_source_named():
    text = "General Marr told the council that 24 of his men were wounded.\n\nAnother 30 were hurt, he said."
    assert [row.source for row in proposals(text, PUBLISHED)] == ["General Marr", "General Marr"]


def test_a_source_named_by_a_pronoun_speaks_to_the_end_of_its_paragraph():
    text = "General Marr said 24 of his men were wounded.\n\nAnother 30 were hurt, he said. Nine died."
    assert [row.source for row in proposals(text, PUBLISHED)] == ["General Marr"] * 3


def test_every_quote_is_a_span_of_the_text():
    text = "“At  least\n40 of the men have died”, said Gen. Orr. No fewer than 1,200–1,300 ‘volunteers’ were sent."
    assert [row.quote for row in proposals(text, PUBLISHED)] == [
        "At  least\n40 of the men",
        "No fewer than 1,200–1,300 ‘volunteers",
    ]
