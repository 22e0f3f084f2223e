"""Codecs: a column, or a quantity derived from it, to small integer codes and back, each shared by k persons."""
