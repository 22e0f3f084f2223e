"""Work shared between processes: in order, the same for any number, and no process left behind."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator

import pytest

from synth.core.errors import UserError
from synth.core.workers import crew


def _times(state: int, piece: int) -> int:
    return state * piece


def _die(state: int, piece: int) -> int:
    os._exit(3)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers: int) -> None:
    with crew(7, workers) as share_out:
        assert list(share_out(_times, range(20))) == [7 * piece for piece in range(20)]
        assert list(share_out(_times, ())) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_pieces_are_taken_as_results_are(workers: int) -> None:
    """Memory does not grow with the number of pieces."""
    seen: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(1000):
            seen.append(piece)
            yield piece

    with crew(1, workers) as share_out:
        results = share_out(_times, pieces())
        assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len(seen) <= 3 + 2 * workers


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(UserError, match="died"), crew(1, 2) as share_out:
        list(share_out(_die, range(3)))


def test_no_worker_is_refused() -> None:
    with pytest.raises(UserError, match="workers"), crew(1, 0):
        pass


def _sleep(state: int, piece: int) -> int:
    time.sleep(600)
    return piece


def test_nobody_waits_for_work_that_is_given_up() -> None:
    with pytest.raises(KeyboardInterrupt), crew(1, 2) as share_out:
        share_out(_sleep, range(4))
        raise KeyboardInterrupt
    assert multiprocessing.active_children() == []
