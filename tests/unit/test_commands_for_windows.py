"""What the commands do otherwise on Windows, as far as another system can show it."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pyholdfast.commands import binding, compiled, config

if TYPE_CHECKING:
    from pyholdfast.toolchain.probe import PythonBuild


def test_the_command_ends_as_its_host_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """There, execve() ends the command at once, with 0, while the host still runs."""
    monkeypatch.setattr(compiled, "WINDOWS", True)
    words = ["host", "-c", "import sys; sys.exit(sys.argv[1] != 'a b' or 7)", "a b"]
    with pytest.raises(SystemExit) as ended:
        compiled.become(Path(sys.executable), words, os.environ)
    assert ended.value.code == 7


def test_the_command_crashes_as_its_host_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.13, sys.exit() takes no number above those of an int."""
    monkeypatch.setattr(compiled, "WINDOWS", True)
    host = SimpleNamespace(wait=lambda: 0xC0000005)
    started = SimpleNamespace(Popen=lambda *_, **__: nullcontext(host))
    monkeypatch.setattr(compiled, "subprocess", started)
    with pytest.raises(SystemExit) as ended:
        compiled.become(Path("host"), ["host"], {})
    assert ended.value.code == 0xC0000005 - 2**32


def test_bind_crashes_as_the_newer_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which parses the module for it."""
    crashed = SimpleNamespace(returncode=0xC0000005)
    monkeypatch.setattr(binding, "subprocess", SimpleNamespace(run=lambda *_, **__: crashed))
    newer = cast("PythonBuild", SimpleNamespace(version=(9, 0, 0), executable="python"))
    assert binding.run_with(newer, []) == 0xC0000005 - 2**32


def test_options_are_quoted_for_shells_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cmd shell knows no single quotes, and MSYS2's bash takes backslashes as its own."""
    monkeypatch.setattr(config, "WINDOWS", True)
    assert config.shell_line(["-isystem", r"C:\Program Files\Python312\include", "-pthread"]) == (
        '-isystem "C:/Program Files/Python312/include" -pthread'
    )
