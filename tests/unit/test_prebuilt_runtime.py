"""The runtime's object: of two halves where that is possible, of one piece elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain import prebuilt_runtime
from pyholdfast.toolchain.compiler import Compiler
from pyholdfast.toolchain.prebuilt_runtime import Runtime

# Writes its options, or joins what it is told to link.
STAND_IN = """\
#!{python}
import sys
words = sys.argv[1:]
if "{fails}" in words:
    sys.exit(1)
out = words[words.index("-o") + 1]
inputs = [word for word in words if word.endswith(".o") and word != out]
text = "".join(open(file).read() for file in inputs) if "-r" in words else " ".join(words) + "\\n"
open(out, "w").write(text)
"""


def made(folder: Path, options: list[str], fails: str = "nothing") -> list[str]:
    """What the compiler was asked for, one line for each object."""
    script = folder / "stand-in-c++"
    script.write_text(STAND_IN.format(python=sys.executable, fails=fails))
    script.chmod(0o755)
    environ = {"XDG_CACHE_HOME": str(folder / "cache")}
    runtime = Runtime(Compiler((str(script),), "test"), options, environ)
    return runtime.make(folder).read_text().splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is made in one piece")
def test_two_compilers_make_a_half_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same options."""
    monkeypatch.setattr(prebuilt_runtime, "_cpus", lambda: 2)
    halves = made(tmp_path, ["-O1"])

    assert len(halves) == 2
    assert ["-DHOLDFAST_COMPILED_HALF=1" in line for line in halves] == [True, False]
    assert ["-DHOLDFAST_COMPILED_HALF=2" in line for line in halves] == [False, True]
    assert all("-O1 " in line for line in halves)


@pytest.mark.parametrize(
    ("options", "cpus"), [(["-flto"], 2), (["-O1"], 1)], ids=["LTO", "one CPU"]
)
def test_where_halves_are_no_use_it_is_one_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], cpus: int
) -> None:
    """The linker does not join what is optimised later, and one CPU has nothing to share."""
    monkeypatch.setattr(prebuilt_runtime, "_cpus", lambda: cpus)
    (line,) = made(tmp_path, options)
    assert "HALF" not in line


@pytest.mark.parametrize(
    ("fails", "code"), [("-DHOLDFAST_COMPILED_HALF=2", "HF109"), ("-r", "HF110")]
)
def test_a_half_that_fails_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, code: str
) -> None:
    """Whichever it is, and the step that joins them; nothing is kept."""
    monkeypatch.setattr(prebuilt_runtime, "_cpus", lambda: 2)
    with pytest.raises(ToolchainError) as caught:
        made(tmp_path, ["-O1"], fails)
    assert caught.value.code == code
    assert not list(tmp_path.rglob("holdfast.o"))
