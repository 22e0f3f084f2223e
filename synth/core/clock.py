"""The only date an output may carry: SOURCE_DATE_EPOCH, or a fixed day when it is not set.

See https://reproducible-builds.org/specs/source-date-epoch/.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from synth.core.errors import UserError

# The earliest moment a zip file can carry; it marks "no date was given" without reading the wall clock.
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)


def source_date() -> datetime:
    """The moment outputs are dated with (UTC). Raises UserError when SOURCE_DATE_EPOCH is not a whole number."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return UNDATED
    try:
        return max(datetime.fromtimestamp(int(text), tz=UTC), UNDATED)
    except (ValueError, OverflowError, OSError):
        raise UserError(
            "SOURCE_DATE_EPOCH is not a number of seconds", remedy="set it to a whole number, such as 1767225600"
        ) from None
