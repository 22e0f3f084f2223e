"""Claims of differential privacy that a model makes: none is audited here, so the gate blocks each.

A proof needs an accounting per person, public domains and bounds, and an audit; no generator of this project has them,
and a number such as epsilon in a receipt would make readers trust what nobody checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synth.core.model import Model

_CLAIMED = re.compile(
    r"(?:^|[^a-z])(?:epsilon|eps|delta|rho|zcdp|dp|differential[^a-z]?privacy|privacy[^a-z]?budget)(?:$|[^a-z])"
)


def claims_of(model: Model) -> tuple[str, ...]:
    """Where the receipt or the plan of a model claims differential privacy: names of entries, never what they hold.

    What the plan says of tables and columns is passed over, for a column may be called epsilon.
    """
    settings = {name: value for name, value in model.plan.items() if not isinstance(value, Mapping | list | tuple)}
    return tuple(dict.fromkeys([*_named(model.receipt, "receipt"), *_named(settings, "plan")]))


_OF_TABLES = frozenset(("rows", "units", "rows_without_parent", "held_out", "unmarked_identifiers"))


def _named(document: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in document.items():
        if name in _OF_TABLES:
            continue
        here = f"{path}.{name}"
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if _CLAIMED.search(words) and value not in (None, False, "", "none"):
            yield here
        elif isinstance(value, Mapping):
            yield from _named(value, here)
