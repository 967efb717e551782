#!/usr/bin/env python3
"""Compiles holdfast's own bodies once for all tests that compile them alike.

Whatever builds a host compiles them: CMake, Meson, pages, `holdfast run` with a cache of its own. That
takes ten times as long as the host. So the tests find, first on PATH, compilers that are scripts of
this module: for the bodies they call it, for every other file the compiler. What the file expands to
and the options are compared, so an object is taken only if the compiler would make the same one, but
for the paths in its debug information.

    compile_once.py COMPILER OPTION ...
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main", "stand_before"]

ONCE = "/holdfast/compiled.cpp"
COMPILERS = ("c++", "g++", "clang++")
OBJECTS = Path(__file__).resolve().parent.parent / ".cache" / "tests" / "once"
# Of a project: where it looks for headers, and for what it is told of dependencies.
WITH_A_PATH = frozenset({"-I", "-isystem", "-o", "-MF", "-MT", "-MQ"})


SCRIPT = """\
#!/bin/sh
case "$*" in
*{once}*) exec {python} {module} {compiler} "$@" ;;
esac
exec {compiler} "$@"
"""


def stand_before(path: str, folder: Path) -> str:
    """A PATH on which the scripts, made in `folder`, come before the compilers of `path`."""
    folder.mkdir(parents=True, exist_ok=True)
    # A session of tests inside another finds the scripts of the outer one.
    path = os.pathsep.join(word for word in path.split(os.pathsep) if Path(word) != folder)
    for name in COMPILERS:
        compiler = shutil.which(name, path=path)
        if compiler is None:
            continue
        words = {"python": sys.executable, "module": __file__, "compiler": compiler}
        text = SCRIPT.format(once=ONCE, **{key: shlex.quote(w) for key, w in words.items()})
        script = folder / name
        # A compiler is known by its file's time, too.
        if not script.exists() or script.read_text(encoding="utf-8") != text:
            script.write_text(text, encoding="utf-8")
            script.chmod(0o755)
    return f"{folder}{os.pathsep}{path}"


def main(command: Sequence[str]) -> int:
    """Run the compiler, or take what it made before; return its exit status."""
    if "-c" not in command or "-o" not in command:
        return subprocess.run(command, check=False).returncode
    out = Path(command[command.index("-o") + 1])
    # The dependencies are written by this run, with the project's own paths.
    expanding = [word for word in command if word != "-c"]
    expanding[expanding.index("-o") + 1] = "-"
    done = subprocess.run([*expanding, "-E", "-P"], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return done.returncode
    digest = hashlib.sha256("\n".join(_options(command)).encode())
    digest.update(done.stdout)
    OBJECTS.mkdir(parents=True, exist_ok=True)
    kept = OBJECTS / f"{digest.hexdigest()[:24]}.o"
    with kept.with_suffix(".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            if status := subprocess.run(command, check=False).returncode:
                return status
            fresh = kept.with_suffix(".new")
            shutil.copyfile(out, fresh)
            fresh.replace(kept)
            return 0
    shutil.copyfile(kept, out)
    return 0


def _options(command: Sequence[str]) -> list[str]:
    """What decides about the object besides the expanded text."""
    kept: list[str] = []
    words = iter(command)
    for word in words:
        if word.endswith(ONCE):
            continue
        if word in WITH_A_PATH:
            next(words)
        elif not word.startswith(("-I", "-isystem", "-D")):
            kept.append(word)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
