"""Generated figures beside the published ones: is a base of the size, mix and habits of the real one?

Every figure is computed by SQL over DuckDB from any SNDS-shaped tables, and compared with a published figure whose
source and year are shown. What the tables at hand do not allow is listed as not computed.
"""

from synth.calibrate.figure import Figure
from synth.calibrate.report import Report, calibrate_tables

__all__ = ["Figure", "Report", "calibrate_tables"]
