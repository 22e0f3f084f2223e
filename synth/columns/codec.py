"""Codec: the codes of one quantity - its bins or levels, and one for missing when enough persons lack it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.belonging import Belonging
from synth.columns.bins import Bins
from synth.columns.levels import Levels
from synth.columns.segments import Segments, segments_from
from synth.columns.stems import Stems, stem_from

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Codec:
    """Codes 0..len(kept)-1 are bins or levels, and the last one is `missing` when there is such a code.

    Segments are the bins of each kind of row, where these differ. `kept` is None where nothing but missing is known.
    `support` is the smallest number of persons behind a code.
    """

    kept: Bins | Segments | Levels | None
    missing: bool
    support: int

    @property
    def size(self) -> int:
        """How many codes there are."""
        return (0 if self.kept is None else len(self.kept)) + self.missing

    @property
    def ordered(self) -> bool:
        """Whether the codes stand in an order that means something."""
        return not isinstance(self.kept, Levels)

    def numbers(self, codes: Codes, uniform: Floats) -> Floats:
        """Codes of a quantity as numbers, NaN for missing; `uniform` places them within their bins."""
        if self.kept is None:
            return np.full(len(codes), np.nan)
        assert not isinstance(self.kept, Levels)
        known = codes < len(self.kept)
        if not self.missing or known.all():
            return self.kept.decode(codes, uniform)
        return np.where(known, self.kept.decode(np.where(known, codes, 0), uniform), np.nan)

    def texts(
        self,
        codes: Codes,
        uniform: Floats,
        owners: Codes | None = None,
        again: Floats | None = None,
        above: Belonging | None = None,
    ) -> pa.Array:
        """Codes of levels as texts, null for missing; the other arguments are for `Levels.decode`."""
        if self.kept is None:
            return pa.nulls(len(codes), pa.string())
        assert isinstance(self.kept, Levels)
        return self.kept.decode(codes, uniform, owners, again, above)

    def document(self) -> dict[str, Any]:
        """The codec as plain JSON data."""
        head: dict[str, Any] = {"missing": self.missing, "support": self.support}
        if isinstance(self.kept, Bins):
            return head | {"bins": self.kept.document()}
        if isinstance(self.kept, Segments):
            return head | {"segments": self.kept.document()}
        if isinstance(self.kept, Levels):
            kept = self.kept
            levels: dict[str, Any] = {"values": list(kept.values), "rows": list(kept.weights), "rare": kept.rare}
            if kept.stems is not None:
                stems = [stem.document() for stem in kept.stems.stems]
                levels["stems"] = {"list": stems, "reuse": kept.stems.reuse, "marked": kept.stems.marked}
                levels["stems"] |= {} if kept.stems.by is None else {"by": kept.stems.by}
            return head | {"levels": levels}
        return head


def codec_from(document: Mapping[str, Any]) -> Codec:
    """The codec written by `Codec.document`."""
    kept: Bins | Segments | Levels | None = None
    if "bins" in document:
        kept = Bins.read(document["bins"])
    elif "segments" in document:
        kept = segments_from(document["segments"])
    elif "levels" in document:
        levels = document["levels"]
        kept = Levels(tuple(levels["values"]), tuple(levels["rows"]), levels["rare"], _stems(levels.get("stems")))
    return Codec(kept, document["missing"], document["support"])


def _stems(document: Mapping[str, Any] | None) -> Stems | None:
    if document is None:
        return None
    stems = tuple(stem_from(item) for item in document["list"])
    return Stems(stems, document["reuse"], document["marked"], document.get("by"))
