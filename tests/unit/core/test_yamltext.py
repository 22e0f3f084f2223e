"""One way to read YAML, with one set of words for what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth.core.errors import UserError
from synth.core.yamltext import read_yaml


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "file not found"), (b"\xff\xfe\x00", "cannot be read as UTF-8 text"), (b"a: 1\nb: [secret\n", "at line")],
)
def test_what_is_wrong_is_said_without_the_content(content: bytes | None, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        read_yaml(tmp_path / "a.yaml")
    assert "secret" not in str(caught.value)
