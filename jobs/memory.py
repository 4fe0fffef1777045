"""How the worker's memory is held."""

import ctypes
from contextlib import suppress

# From glibc's malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3

LARGEST_KEPT = 32 << 20
"""Bytes of the largest block that is kept for the next one; glibc takes no larger number."""

KEPT = 128 << 20
"""Bytes that may lie free before they are given back."""


def keep_freed_blocks() -> None:
    """Have the C library use a freed block again instead of giving it back to the kernel.

    Data is moved in blocks of some MiB, each new one of which the kernel would have to clear, page
    by page: measured on a gibibyte of mixed files, that is a tenth of a backup's time. A C library
    that has no such setting is left as it is.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        mallopt(M_TRIM_THRESHOLD, KEPT)
