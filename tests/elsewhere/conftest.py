"""All tests here take a platform that `tools/platforms.py` provides, and are long."""

from __future__ import annotations

from pathlib import Path

import pytest

from elsewhere.results import collected, merge_into

HERE = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --support, for runs of this folder alone."""
    parser.addoption("--support", metavar="FILE", help="put what the targets did into FILE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them; `make test-platforms ONLY=sample` runs a few of each."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.long)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write the outcomes by target, if that was asked for."""
    if file := config.getoption("--support", default=None):
        merge_into(Path(file), collected(terminalreporter.stats))
