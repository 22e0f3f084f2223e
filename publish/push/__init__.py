"""Sending a package where people find data: one module a place, one row in `publish.push.targets.TARGETS`."""
