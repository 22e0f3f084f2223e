"""The signature of a package: SHA256SUMS signed with an SSH key, `SHA256SUMS.sig` beside it.

OpenSSH does the work (`ssh-keygen -Y`, https://man.openbsd.org/ssh-keygen, format PROTOCOL.sshsig): it is on nearly
every machine, maintained, needs no network, and its keys are those that publishers already sign commits with. Since
SHA256SUMS holds the checksum of every file, its signature covers the package. Ed25519 signatures are always the same.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from synth.core.errors import UserError
from synth.core.files import atomic_file

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
NAMESPACE = "synth-package"  # a signature made for something else does not count
_PROGRAM = "ssh-keygen"


def sign_package(package: Path, key: Path) -> Path:
    """Sign the package in a folder with the private SSH key in `key`; the signature's path.

    A key with a passphrase is asked for by ssh-agent or on the terminal. Raises UserError when there is no package or
    no key, or signing fails.
    """
    sums = package / SUMS
    if not sums.is_file():
        raise UserError(f"holds no {SUMS}", file=package, remedy="give the folder of a package")
    if not key.is_file():
        raise UserError("file not found", file=key, remedy="give the file of a private SSH key")
    with atomic_file(package / SIGNATURE) as aside:
        done = _run("sign", "-f", str(key), stdin=sums.read_bytes())
        if done.returncode:
            raise UserError("cannot sign", file=key, remedy=f"try: {_PROGRAM} -Y sign -n {NAMESPACE} -f {key} {sums}")
        aside.write_bytes(done.stdout)
    return package / SIGNATURE


def can_check() -> bool:
    """Whether OpenSSH is here to check signatures."""
    return shutil.which(_PROGRAM) is not None


def fits(package: Path) -> bool:
    """Whether the signature is one of this very SHA256SUMS, whoever made it."""
    done = _run("check-novalidate", "-s", str(package / SIGNATURE), stdin=(package / SUMS).read_bytes())
    return done.returncode == 0


def signed_by(package: Path, signers: Path) -> str | None:
    """Which of the `signers` (an OpenSSH allowed-signers file) signed; None when none of them did.

    Raises UserError when the file of signers is absent.
    """
    if not signers.is_file():
        raise UserError("file not found", file=signers, remedy="give a file of lines: NAME KEYTYPE KEY")
    listed = _run("find-principals", "-s", str(package / SIGNATURE), "-f", str(signers), stdin=b"", named=False)
    for name in listed.stdout.decode("utf-8", "replace").split():
        options = ("-f", str(signers), "-I", name, "-s", str(package / SIGNATURE))
        if _run("verify", *options, stdin=(package / SUMS).read_bytes()).returncode == 0:
            return name
    return None


def _run(action: str, *options: str, stdin: bytes, named: bool = True) -> subprocess.CompletedProcess[bytes]:
    if not can_check():
        raise UserError(f"{_PROGRAM} is not installed", remedy="install OpenSSH")
    namespace = ("-n", NAMESPACE) if named else ()
    return subprocess.run([_PROGRAM, "-Y", action, *namespace, *options], input=stdin, capture_output=True, check=False)
