"""Random numbers by name: the published generator under the published hash, the same on every machine."""

from __future__ import annotations

import hashlib

import numpy as np

from synth.core.seednames import encode_names
from synth.core.seeds import rng

FIRST, SECOND = 4392136163378669508, 4602364912301664671


def test_a_stream_is_philox_keyed_by_the_hash_of_its_names() -> None:
    digest = hashlib.blake2b(encode_names(7, "ER_PRS_F", "block", 3), digest_size=16).digest()
    numpys = np.random.Philox(key=np.frombuffer(digest, dtype="<u8"))
    assert rng(7, "ER_PRS_F", "block", 3).raw(1000).tolist() == numpys.random_raw(1000).tolist()


def test_the_numbers_are_promised() -> None:
    assert rng(0, "a", 1).raw(2).tolist() == [FIRST, SECOND]
    assert rng(0, "a", "1").raw(1)[0] != FIRST
