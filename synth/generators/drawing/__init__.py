"""From a model back to rows: codes, cells, keys, relations, rules; which persons are kept."""
