"""Links from claims to the claims they repeat or correct."""

from forcest.ledger import lineage

CHAIN = lineage.links(["a", "b", "c", "d"], ["", "a", "b", "b+c"])


def test_ancestors_are_all_claims_that_a_claim_goes_back_to_nearest_first():
    assert list(lineage.ancestors(CHAIN, "d")) == ["b", "c", "a"]
    assert list(lineage.ancestors(CHAIN, "a")) == []


def test_roots_are_the_originals():
    assert lineage.roots(CHAIN, "d") == lineage.roots(CHAIN, "a") == ["a"]
    assert lineage.roots(lineage.links(["s"], ["x+y"]), "s") == ["x", "y"]


def test_a_removed_claim_is_replaced_by_what_it_goes_back_to():
    assert lineage.contracted(CHAIN, "c", {"a", "c"}) == ["a"]
    assert lineage.contracted(CHAIN, "d", {"a", "c", "d"}) == ["a", "c"]


def test_a_removed_original_stays_named():
    assert lineage.contracted(CHAIN, "c", {"c"}) == ["a"]


def test_cycles_end():
    ring = lineage.links(["a", "b"], ["b", "a"])
    assert list(lineage.ancestors(ring, "a")) == ["b", "a"]
    assert lineage.roots(ring, "a") == ["a"]
    assert lineage.contracted(ring, "a", {"a"}) == ["a"]
    assert lineage.contracted(ring, "a", set()) == []
