"""The host that replaces `holdfast run` starts as it does by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

BECOME = """\
import os, sys
from pathlib import Path
from pyholdfast.commands.compiled import become
become(Path(sys.argv[1]), ["sh", "-c", sys.argv[2]], os.environ)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["PIPE", "XFSZ"])
def test_a_signal_that_python_ignores_ends_the_host(name: str) -> None:
    """`holdfast run host.cpp | head` ends when nobody reads any more."""
    shell = shutil.which("sh")
    assert shell is not None
    done = subprocess.run(
        [sys.executable, "-c", BECOME, shell, f"kill -{name} $$; echo went on"],
        check=False, capture_output=True, timeout=60,
    )  # fmt: skip

    assert done.stdout == b"", done
    assert done.returncode < 0, done
