"""Numbers that look random and follow from ids: the core has no chance, and history has to replay.

A counter-based generator: each number is a function of its key alone, not of how many were asked for before.
So two ways to play the same work forward meet the same luck, task by task, and can be compared.
"""

from __future__ import annotations

from hashlib import blake2b

GOLDEN = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio, odd: what SplitMix64 counts in."""
_MASK = (1 << 64) - 1


def key_of(*names: str) -> int:
    """A key of 64 bits for some names."""
    return int.from_bytes(blake2b("\0".join(names).encode(), digest_size=8).digest())


def mixed(key: int) -> int:
    """64 bits for a key of any size.

    The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators",
    OOPSLA 2014; the constants are David Stafford's Mix13).
    """
    key &= _MASK
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    key = (key ^ (key >> 27)) * 0x94D049BB133111EB & _MASK
    return key ^ (key >> 31)
