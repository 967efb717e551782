"""What the tests of traces share."""

from __future__ import annotations

from pathlib import Path

import pytest

from recording import record, with_gil


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A trace of a host with a long hold: 700 ms, in C, while another thread waits."""
    outcome, trace = record(with_gil(), "hold_in_c", tmp_path)
    assert outcome.code == 0, outcome.explain()
    return trace
