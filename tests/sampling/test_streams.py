"""Random streams: the published test vectors, independence of the tile, and the right distribution."""

import numpy as np
import pytest
from scipy.stats import kstest

from forcest.sampling.state import Key
from forcest.sampling.streams import normals, philox, uniforms


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_answers_of_its_authors(counter, key, expected):
    assert tuple(int(w) for w in philox(*(np.uint64(w) for w in (*counter, *key)))) == expected


def test_a_chain_draws_the_same_numbers_in_any_tile():
    chains = np.arange(40, dtype=np.int64)
    together = normals(Key(7, chains, 3), 11)
    alone = normals(Key(7, chains[23:24], 3), 11)
    np.testing.assert_array_equal(together[:, 23:24], alone)
    np.testing.assert_array_equal(uniforms(Key(7, chains, 3), 4)[:, 23:24], uniforms(Key(7, chains[23:24], 3), 4))


def test_streams_differ_by_seed_chain_and_iteration():
    base = normals(Key(1, np.array([0, 1]), 1), 50)
    assert not np.array_equal(base[:, 0], base[:, 1])
    assert not np.array_equal(base, normals(Key(2, np.array([0, 1]), 1), 50))
    assert not np.array_equal(base, normals(Key(1, np.array([0, 1]), 2), 50))
    assert not np.array_equal(base, normals(Key(1 + 2**40, np.array([0, 1]), 1), 50))


def test_numbers_have_their_distribution():
    key = Key(3, np.arange(1000, dtype=np.int64), 9)
    sample = normals(key, 101)
    assert kstest(sample.ravel(), "norm").pvalue > 1e-4
    assert kstest((sample**2).sum(axis=0), "chi2", args=(101,)).pvalue > 1e-4
    assert kstest(uniforms(key, 4).ravel(), "uniform").pvalue > 1e-4
