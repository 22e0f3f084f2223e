"""Seeds by name without numpy: the same hash that keys `seeds.rng`, for programs that must start in an instant."""

from __future__ import annotations

import hashlib
from struct import unpack


def encode_names(*names: str | int) -> bytes:
    """Names with their types and lengths, so ("a", "bc") and ("ab", "c") differ, and so do 1 and "1"."""
    parts = []
    for name in names:
        kind = b"i" if isinstance(name, int) else b"s"
        text = str(name).encode()
        parts.append(kind + len(text).to_bytes(4, "little") + text)
    return b"".join(parts)


def derive(seed: int, *names: str | int) -> int:
    """A 63-bit seed for a library that wants an integer, tied to `seed` and these names."""
    return int.from_bytes(hashlib.blake2b(encode_names(seed, *names), digest_size=8).digest(), "little") >> 1


def words(n: int, seed: int, *names: str | int) -> tuple[int, ...]:
    """`n` integers, uniform over 64 bits, that belong to `seed` and these names; a smaller `n` gives their beginning.

    They are the output of SHAKE-256 (FIPS 202), an extendable hash. A few thousand at a time: all are in memory.
    """
    return unpack(f"<{n}Q", hashlib.shake_256(encode_names(seed, *names)).digest(8 * n))
