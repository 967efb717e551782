"""A pytest plugin that provides `hammer` as a fixture.

pytest loads it in every environment that has holdfast, so it imports the rest of holdfast only when
a test uses the fixture.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyholdfast.testing import Hammered

__all__ = ["hammer"]


@pytest.fixture
def hammer(request: pytest.FixtureRequest) -> Iterator[Callable[..., Hammered]]:
    """`pyholdfast.testing.hammer`: check a function from native threads."""
    from pyholdfast.testing import hammer as plain  # noqa: PLC0415 - see above
    from pyholdfast.toolchain.notice import noticed_by  # noqa: PLC0415

    def at_once(text: str) -> None:
        """Bypass pytest's capture, which shows stderr only after a test has failed."""
        capture = request.config.pluginmanager.getplugin("capturemanager")
        within = capture.global_and_fixture_disabled if capture else contextlib.nullcontext
        with within():
            sys.stderr.write(f"\n{text}")
            sys.stderr.flush()

    with noticed_by(at_once):
        yield plain
