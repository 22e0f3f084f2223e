"""SDV's synthesizers under our catalogs: for comparison, never for release.

What they learn is no list of supported statistics but a pickle: there is no guarantee about whom it speaks of, it runs
code when it is opened, and no export committee can read it. They are announced so, and nothing uses them by default.
"""

from __future__ import annotations

from synth.peers.learning import WARNING, Peer, fit_peer, sample_peer
from synth.peers.store import is_peer, read_peer, write_peer
from synth.peers.synthesizers import SYNTHESIZERS

__all__ = ["SYNTHESIZERS", "WARNING", "Peer", "fit_peer", "is_peer", "read_peer", "sample_peer", "write_peer"]
