# ruff: noqa: SLF001 - what the host writes is described by these
"""Pages and traces with any text in them, made without a host."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pyholdfast.trace import file_layout as layout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["write_page"]

NAMES_SIZE, NOTES_SIZE = 4 << 20, 4 << 20
ATTACHED = layout.STATES.index("attached")


def write_page(
    path: Path,
    *,
    pid: int,
    command: Sequence[bytes] = (b"host",),
    thread: bytes = b"worker",
    names: Sequence[bytes] = (b"host.cpp:1",),
    notes: Sequence[bytes] = (),
    started_wall_ns: int = 1 << 62,
) -> None:
    """One thread, which attached at the place with the first name."""
    named = b"".join(
        layout._NAME.pack(number, 0, len(text)) + text + bytes(-len(text) % 8)
        for number, text in enumerate(names, 1)
    )
    noted = b"".join(
        layout._NOTE.pack(5, len(text), 0) + text + bytes(-len(text) % 8) for text in notes
    )
    track_size = layout.TRACK_PAGE_SIZE + layout._EVENT.size
    header = layout._HEADER.pack(
        layout.MAGIC, layout.VERSION, layout.HEADER_SIZE, NAMES_SIZE, NOTES_SIZE, track_size,
        layout.TRACK_PAGE_SIZE, 1, 0, 0, pid, started_wall_ns, 0, len(named), len(noted), 1, 0, 0, 0,
        0x030C01F0, 0, 5000, 0, 0, 1_000_000_000, 1_000_000_000, 0, 0, 0, 0, 0,
        b"\0".join(command)[:1023],
    )  # fmt: skip
    track = bytearray(track_size)
    layout._NOW.pack_into(track, 0, ATTACHED, 1, 1, 1, 10, 0, 1, 0, 0, 0)
    layout._TOTALS.pack_into(
        track, layout._TOTALS_AT, 9, 5_000_000, 900, 5_000_000, 900, 1, 1, 1, 0, 0, 0, 0, 0, 0
    )
    layout._WHO.pack_into(track, layout._WHO_AT, 77, 78, 1, 0, thread[:31])
    layout._EVENT.pack_into(
        track, layout.TRACK_PAGE_SIZE, 1, 5_000_000, 6_000_000, 1, 1, layout.HOLD, 0, 1
    )
    counts = struct.pack(f"<{layout.HISTOGRAM}I", *([3] * layout.HISTOGRAM))
    track[layout._WAITS_AT : layout._WAITS_AT + len(counts)] = counts
    path.write_bytes(
        header.ljust(layout.HEADER_SIZE, b"\0")
        + named.ljust(NAMES_SIZE, b"\0")
        + noted.ljust(NOTES_SIZE, b"\0")
        + bytes(track)
    )
