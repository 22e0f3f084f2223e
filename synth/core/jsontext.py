"""JSON as we write it: keys in the order given, two-space indent, UTF-8, a final newline, no NaN."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.yamltext import read_text


def dumps(document: Any) -> str:
    """Readable text with a fixed layout, so that equal documents are equal bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def canonical(document: Any) -> bytes:
    """Compact bytes with sorted keys: what is hashed to compare two documents."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(document: Any) -> str:
    """`sha256:` and the hex digest of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(document)).hexdigest()


def read_json(path: Path) -> Any:
    """The document in a file. Raises UserError if the file is missing or is not JSON."""
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"is not valid JSON at line {error.lineno}", file=path, remedy="correct the syntax") from None
