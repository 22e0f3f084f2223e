"""Products of matrices by one thread: their last bits, and so a model's bytes, do not depend on the number of cores.

It is quicker, too: for the small products made here, threads take longer to wake and to wait than to multiply.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, the libraries behind numpy's products use one thread; then as many as before."""
    with threadpool_limits(1, user_api="blas"):
        yield
