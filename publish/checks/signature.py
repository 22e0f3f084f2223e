"""The signature of SHA256SUMS, where there is one: it fits, and when signers are named, one of them made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from publish.fault import Fault
from publish.package import Package
from publish.signing import SIGNATURE, SUMS, can_check, fits, signed_by


def check_signature(package: Package, signers: Path | None) -> Iterator[Fault]:
    """Faults of the signature. Without `signers` nothing is asked of a package that has none.

    Where OpenSSH is absent a signature is looked at only when `signers` ask for it, which then raises UserError.
    """
    if not (package.root / SIGNATURE).is_file():
        if signers is not None:
            yield Fault("signature", "is missing", file=SIGNATURE)
        return
    if not (package.root / SUMS).is_file() or (signers is None and not can_check()):
        return
    if not fits(package.root):
        yield Fault("signature", f"is not a signature of {SUMS}", file=SIGNATURE)
    elif signers is not None and signed_by(package.root, signers) is None:
        yield Fault("signature", "was made by none of the signers", file=SIGNATURE)
