"""Signatures: one that fits, one that does not, one by somebody else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from publish.build import zip_package
from publish.signing import SIGNATURE, SUMS, sign_package
from publish.verify import verify
from synth.core.errors import UserError

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no OpenSSH on this machine")


def key(folder: Path, name: str) -> Path:
    """A new key, and beside it a file that allows its owner to sign."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)], check=True)
    public = (folder / f"{name}.pub").read_text("utf-8")
    (folder / f"{name}.signers").write_text(f"{name}@example.org {public}", encoding="utf-8")
    return folder / name


@pytest.fixture
def signed(package_dir: Path, tmp_path: Path) -> Path:
    """A package signed by `us`."""
    shutil.copytree(package_dir, tmp_path / "package")
    sign_package(tmp_path / "package", key(tmp_path, "us"))
    return tmp_path / "package"


def told(package: Path, signers: Path | None = None) -> list[str]:
    return [str(fault) for fault in verify(package, signers=signers).faults]


def test_a_signed_package_is_that_of_its_signer_in_a_zip_too(signed: Path, tmp_path: Path) -> None:
    key(tmp_path, "others")
    for package in (signed, zip_package(signed, tmp_path / "p.zip")):
        assert told(package) == told(package, tmp_path / "us.signers") == []
        assert told(package, tmp_path / "others.signers") == [
            f"[signature] {SIGNATURE}: was made by none of the signers"
        ]


def test_signing_again_gives_the_same_bytes(signed: Path, tmp_path: Path) -> None:
    first = (signed / SIGNATURE).read_bytes()

    assert sign_package(signed, tmp_path / "us").read_bytes() == first


def test_an_edit_under_new_checksums_is_found(signed: Path, tmp_path: Path) -> None:
    (signed / SUMS).write_text((signed / SUMS).read_text("utf-8").replace("0", "1"), encoding="utf-8")

    assert any("is not a signature of" in fault for fault in told(signed))


def test_an_unsigned_package_is_sound_until_a_signer_is_asked_for(signed: Path, tmp_path: Path) -> None:
    (signed / SIGNATURE).unlink()

    assert told(signed) == []
    assert told(signed, tmp_path / "us.signers") == [f"[signature] {SIGNATURE}: is missing"]


def test_the_command_signs_zips_and_says_what_is_wrong(
    call_cli: Callable[..., Any], signed: Path, tmp_path: Path
) -> None:
    done = call_cli("publish", "sign", signed, "--key", tmp_path / "us", "--zip", tmp_path / "p.zip")
    assert (done.code, done.out.splitlines()) == (0, [str(signed / SIGNATURE), str(tmp_path / "p.zip")])
    assert call_cli("publish", "verify", tmp_path / "p.zip", "--signers", tmp_path / "us.signers").code == 0

    for options in (
        ("sign", signed, "--key", tmp_path / "none"),
        ("sign", tmp_path, "--key", tmp_path / "us"),
        ("sign", signed, "--key", tmp_path / "us.signers"),
        ("verify", signed, "--signers", tmp_path / "none"),
    ):
        refused = call_cli("publish", *options)
        assert refused.code == 2 and len(refused.err.splitlines()) == 1
    assert sorted(path.name for path in signed.iterdir() if path.name.startswith((SUMS, "."))) == [
        ".zenodo.json", SUMS, SIGNATURE
    ]  # fmt: skip


def test_without_openssh_it_is_asked_for(package_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "k").write_text("key")
    with pytest.raises(UserError, match="ssh-keygen is not installed"):
        sign_package(package_dir, tmp_path / "k")
