"""Stage: source → Arrow record batches, read one ahead in a thread of its own.

Reading and writing overlap; one chunk is being read while another is written, so memory is bounded by the
chunk size.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

_END: Final = object()


def read_ahead(items: Iterator[T]) -> Generator[T]:
    """Iterate over `items`, computing the next one in a thread while the caller works on the last.

    What the iteration raises, the caller gets. When the caller stops early, the item being read is finished
    first.
    """
    with ThreadPoolExecutor(1, "reader") as pool:
        pending = pool.submit(next, items, _END)
        while (item := pending.result()) is not _END:
            pending = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]  # next() was given T or _END
