"""The first compilation is announced once; later ones are silent.

The tests use a pretended compiler, which writes only what the commands need.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, environment_for, run_command
from matrix import default_python
from pyholdfast import paths

if TYPE_CHECKING:
    from collections.abc import Callable

# Writes the object and what it was made of, or a program that ends at once.
COMPILER = """\
#!/bin/sh
previous=
for word in "$@"; do
    case "$previous" in
        -o) out=$word ;;
        -MF) listed=$word ;;
    esac
    previous=$word
done
if [ -n "$listed" ]; then echo "host.o: {header}" > "$listed"; fi
printf '#!/bin/sh\\nexit 0\\n' > "$out"
chmod +x "$out"
"""
NOTICE = "holdfast: compiling {} and, once for these options, its runtime: about 10 s"
MODULE = "def twice(x: int) -> int:\n    return 2 * x\n"


@pytest.fixture
def at_home(tmp_path: Path) -> Callable[..., Outcome]:
    """Run a holdfast command with an empty HOME and the pretended compiler."""
    compiler = tmp_path / "c++"
    header = paths.include_dir() / "holdfast" / "version.hpp"
    compiler.write_text(COMPILER.format(header=str(header).replace(" ", "\\ ")), encoding="utf-8")
    compiler.chmod(0o755)
    (tmp_path / "tmp").mkdir(mode=0o700)
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    for name in ("host", "other"):
        text = "#include <holdfast/holdfast.hpp>\nint main() {}\n"
        (tmp_path / "work" / f"{name}.cpp").write_text(text, encoding="utf-8")
    environ = {
        **{k: v for k, v in environment_for(default_python()).items() if k != "XDG_CACHE_HOME"},
        "CXX": str(compiler),
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(paths.PACKAGE.parent),
        "HOLDFAST_PYTHON": str(default_python().path),
    }

    def run(*words: str, **more: str) -> Outcome:
        command = [sys.executable, "-m", *words]
        return run_command(command, environ=environ | more, cwd=tmp_path / "work", deadline_s=120)

    return run


def test_run_says_it_once(at_home: Callable[..., Outcome]) -> None:
    """Not again for the same host, and not for the next one, which compiles as fast as by hand."""
    first, again, other = (
        at_home("pyholdfast", "run", f"{name}.cpp") for name in ("host", "host", "other")
    )

    assert first.err.startswith(NOTICE.format("host.cpp")), first.explain()
    assert first.err.count("\n") == 1, first.explain()
    assert (again.err, other.err) == ("", ""), again.explain() + other.explain()
    assert first.out == ""


def test_options_of_another_kind_are_announced(at_home: Callable[..., Outcome]) -> None:
    """Each set of options has its own runtime."""
    at_home("pyholdfast", "run", "host.cpp")
    outcome = at_home("pyholdfast", "run", "host.cpp", "-O0")

    assert outcome.err.count("compiling host.cpp") == 1, outcome.explain()


def test_build_says_it_too(at_home: Callable[..., Outcome]) -> None:
    """It compiles the host each time, but the runtime only once."""
    first, again = (at_home("pyholdfast", "build", "host.cpp", "-o", "host") for _ in range(2))

    assert first.err.startswith(NOTICE.format("host.cpp")), first.explain()
    assert again.err == "", again.explain()


def test_the_demo_says_it_once(at_home: Callable[..., Outcome], tmp_path: Path) -> None:
    """Among its own lines."""
    (tmp_path / "one.py").write_text("x = 1\n", encoding="utf-8")
    first, again = (at_home("pyholdfast", "demo", str(tmp_path)) for _ in range(2))

    assert first.err.count(NOTICE.format("host.cpp")) == 1, first.explain()
    assert "compiling" not in again.err, again.explain()


@pytest.mark.parametrize("mode", [[], ["-s"], ["-p", "no:capture"]], ids=["plain", "s", "without"])
def test_the_first_hammer_says_it_past_the_capture(
    at_home: Callable[..., Outcome], tmp_path: Path, mode: list[str]
) -> None:
    """During the compilation, and not after the test has failed, which it does because the host does nothing."""
    work = tmp_path / "work"
    (work / "numbers_.py").write_text(MODULE, encoding="utf-8")
    (work / "test_it.py").write_text(
        "from numbers_ import twice\n\ndef test_it(hammer):\n    hammer(twice, [(1,)])\n",
        encoding="utf-8",
    )
    words = ["pytest", "-q", "-p", "no:cacheprovider", *mode]
    path = os.pathsep.join([str(paths.PACKAGE.parent), str(work)])
    first, again = (at_home(*words, "test_it.py", PYTHONPATH=path) for _ in range(2))

    told = NOTICE.format("twice.cpp")
    assert first.err.count(told) == 1, first.explain()
    assert told not in first.out, first.explain()
    assert told not in again.err + again.out, again.explain()


@pytest.mark.parametrize("command", ["run", "demo", "hammer"])
def test_a_home_that_cannot_be_written_is_done_without(
    at_home: Callable[..., Outcome], tmp_path: Path, command: str
) -> None:
    """Each command names the folder that it uses instead, and compiles nothing twice there."""
    work, home = tmp_path / "work", tmp_path / "work" / "host.cpp"
    (work / "numbers_.py").write_text(MODULE, encoding="utf-8")
    script = (
        "from pyholdfast.testing import hammer\nfrom numbers_ import twice\nhammer(twice, [(1,)])\n"
    )
    (work / "script.py").write_text(script, encoding="utf-8")
    words = {
        "run": ("pyholdfast", "run", "host.cpp"),
        "demo": ("pyholdfast", "demo", str(work)),
        "hammer": ("script",),
    }[command]
    first, again = (at_home(*words, HOME=str(home)) for _ in range(2))

    who = "pyholdfast.testing" if command == "hammer" else f"holdfast {command}"
    folder = tmp_path / "tmp" / f"holdfast-cache-{os.getuid()}"
    line = rf"{who}: cannot write '{home}/.cache/holdfast"
    for outcome in (first, again):
        assert outcome.err.count(line) == 1, outcome.explain()
        assert f"; using '{folder}' instead\n" in outcome.err, outcome.explain()
        assert "HF112" not in outcome.err, outcome.explain()
    assert first.err.count("compiling") == 1, first.explain()
    assert "compiling" not in again.err, again.explain()
