"""All tables as integer codes: which features in which parts, their codecs, the coded rows."""
