"""A table: what a new user does who has the README alone, and what becomes of the bundle elsewhere.

Data, and functions that read the README. Imports fresh_machines.steps.
"""

from __future__ import annotations

import re
import shlex

from fresh_machines.steps import PLAIN, Step

__all__ = ["BUNDLE", "FOLDER", "MOVED", "first_use", "packages_named", "program_of"]

FOLDER = "first"
BUNDLE = f"{FOLDER}/dist"
WHEELS = "wheels"

# Where there is neither a Python nor a compiler.
MOVED = (
    Step("no Python there", "sh -c '! command -v python3 && ! command -v c++'", succeeds=True,
         says=(), place=FOLDER, stays=True),
    Step("the bundle, moved", "env -i dist/host", succeeds=True, says=("finalized",), place=FOLDER,
         stays=True),
)  # fmt: skip


def first_use(readme: str) -> tuple[Step, ...]:
    """The steps, in this order; each finds what those before it have left."""
    return (
        _step("make demo", "make demo", place=PLAIN),
        # The registry's part: it would have the wheel.
        _step("a wheel of the clone", "sh -c 'python3 -m venv ../builds && exec ../builds/bin/pip"
              f" wheel --no-deps --wheel-dir ../{WHEELS} .'", place=PLAIN),
        _step("python3 -m venv .venv", "python3 -m venv .venv"),
        _step("pip install pyholdfast", _active(f"pip install ../{WHEELS}/pyholdfast-*.whl")),
        _step("holdfast doctor", _active("holdfast doctor"), "nothing wrong in "),
        _step("holdfast run host.cpp, the first time", _active("holdfast run host.cpp"),
              _output_of(readme)),
        _step("holdfast run host.cpp, again", _active("holdfast run host.cpp"), _output_of(readme)),
        _step("holdfast new hello", _active("holdfast new hello"), "made hello; next:"),
        _step("holdfast run src/main.cpp in it", _active("holdfast run hello/src/main.cpp"),
              "400000 words"),
        _step("holdfast bind src/app.py", _active("holdfast bind hello/src/app.py")),
        _step("holdfast build src/main.cpp", _active("holdfast build hello/src/main.cpp -o app")),
        _step("the program", "./app", "400000 words"),
        _step("pip install 'pyholdfast[bundle]'", _active("pip install 'pyholdfast[bundle]'")),
        _step("holdfast bundle host.cpp -o dist", _active("holdfast bundle host.cpp -o dist"),
              "dist/host: "),
        _step("holdfast doctor dist", _active("holdfast doctor dist"), "nothing wrong in "),
    )  # fmt: skip


def packages_named(readme: str) -> list[str]:
    """The packages that the README says to install.

    >>> packages_named("On Debian: `apt install g++ make`.")
    ['g++', 'make']
    """
    (words,) = re.findall(r"`apt install ([^`]+)`", readme)
    return str(words).split()


def program_of(readme: str) -> str:
    """The host that the README tells to copy."""
    return _snippet(readme, "program")


def _output_of(readme: str) -> str:
    return _snippet(readme, "output")


def _snippet(readme: str, kind: str) -> str:
    (text,) = re.findall(rf"<!-- snippet: {kind} -->\n```\w+\n(.*?)```", readme, re.DOTALL)
    return str(text)


def _step(name: str, command: str, *says: str, place: str = FOLDER) -> Step:
    return Step(name, command, succeeds=True, says=says, place=place, stays=True)


def _active(command: str) -> str:
    """The command in a shell with the environment that the README activates."""
    return f"sh -c {shlex.quote(f'. .venv/bin/activate && exec {command}')}"
