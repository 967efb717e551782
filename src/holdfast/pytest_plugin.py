"""The plugin of pytest: `hammer` as a fixture.

Loaded by pytest in every environment that has holdfast, so it imports nothing else of holdfast until
a test asks for the fixture. Layer 2 (testing). May import: testing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.testing import Hammered

__all__ = ["hammer"]


@pytest.fixture
def hammer() -> Callable[..., Hammered]:
    """`holdfast.testing.hammer`: check a function from native threads."""
    from holdfast.testing import hammer as plain  # noqa: PLC0415 - see above

    return plain
