"""The quantities that are learned in place of raw columns: distances between dates, gaps, counts of rows."""
