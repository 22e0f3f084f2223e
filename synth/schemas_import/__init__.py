"""Take a user's own copy of the public SNDS descriptions into their data folder, repaired.

We ship facts (names, types, keys, years) and short lists; labels of large or licensed lists stay with their publishers.
A checkout of schema-snds or a KWIKLY export brings them to one user's machine.
"""

from synth.schemas_import.importing import Imported, import_folder

__all__ = ["Imported", "import_folder"]
