"""One thread for products of matrices."""

from __future__ import annotations

from threadpoolctl import threadpool_info

from synth.maths.blas import one_thread


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_one_thread_while_it_lasts_and_as_many_as_before_afterwards() -> None:
    before = threads()
    with one_thread():
        assert set(threads()) == {1}
    assert threads() == before
