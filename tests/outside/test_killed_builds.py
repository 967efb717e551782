"""What a build that was killed leaves in the cache."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness import environment_for
from matrix import default_python
from outside.own_cache import run
from pyholdfast.toolchain.cache_folders import workplace

SOURCE = Path(__file__).resolve().parents[2] / "src"
PYTHON = default_python()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_build_that_was_killed_leaves_nothing_for_the_next(
    ending: signal.Signals, tmp_path: Path
) -> None:
    """The next run works, and removes what the killed one had begun."""
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    compiler = tmp_path / "c++"
    compiler.write_text(
        '#!/bin/sh\ncase "$*" in *h.cpp*) echo > "$0.begun"; exec sleep 1000;; *) exec c++ "$@";; esac\n'
    )
    compiler.chmod(0o755)
    os.mkfifo(tmp_path / "c++.begun")
    begun = os.open(tmp_path / "c++.begun", os.O_RDONLY | os.O_NONBLOCK)
    environ = {
        **environment_for(PYTHON),
        "PYTHONPATH": str(SOURCE),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "CXX": str(compiler),
    }
    command = [sys.executable, "-m", "pyholdfast", "run", "h.cpp"]
    with subprocess.Popen(command, env=environ, cwd=tmp_path, start_new_session=True) as killed:
        try:
            assert select.select([begun], [], [], 60)[0]  # the compiler has begun
            killed.send_signal(ending)
            killed.wait(30)
        finally:
            os.killpg(killed.pid, signal.SIGKILL)  # the compiler
            os.close(begun)
    left = list((tmp_path / "cache").rglob(".build-*"))
    outcome = run("run", "h.cpp", cwd=tmp_path)

    assert left  # else nothing is shown
    assert outcome.code == 7, outcome.explain()
    assert not list((tmp_path / "cache").rglob(".*-*"))
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()


def test_a_workplace_in_use_is_left_alone(tmp_path: Path) -> None:
    """The folder of a running build is not taken for that of a killed one."""
    with workplace(tmp_path) as first:
        (first / "object").touch()
        with workplace(tmp_path) as second:
            assert (first / "object").exists()
            assert second != first
        left = tmp_path / ".build-left"
        left.mkdir()
        with workplace(tmp_path):
            assert not left.exists()
    assert not list(tmp_path.iterdir())
