"""Columns that others give: suspected in a glimpse, confirmed on all rows."""
