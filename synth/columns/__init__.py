"""Codecs: one column (or one quantity derived from it) to small integer codes and back, each code shared by k persons."""
