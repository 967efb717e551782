"""examples/engines: the threads of OpenMP, of oneTBB, and of a program's own pool call Python."""

from __future__ import annotations

import importlib.metadata
import itertools
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cmake_hosts import configure
from compiled_files import CACHE, CHECKOUT
from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from unpacked import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

SOURCE = CHECKOUT / "examples" / "engines"
BUILD_LIMIT_S = 300
RUN_LIMIT_S = 60
VOWELS = 7000
EXPECTED = {
    "openmp": f"{VOWELS}\n{VOWELS}\nfinalized\n",
    "onetbb": f"{VOWELS}\n{VOWELS}\nfinalized\n",
    "own_pool": f"{VOWELS}\nfinalized\n1 refused\n",
}

pytestmark = pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")


def cases() -> Iterator[ParameterSet]:
    """Engines by Pythons. Those outside the short run are marked long."""
    for engine, python in itertools.product(EXPECTED, usable()):
        marks = () if python.name in quick_names("engines", most=1) else (pytest.mark.long,)
        yield pytest.param(engine, python, id=f"{engine}-{python.name}", marks=marks)


def tbb_folder() -> Path | None:
    """The folder of oneTBB if the system has none: unpacked from Debian's packages, or from PyPI's."""
    root = unpacked(
        "tbb", ("libtbb-dev", "libtbb12", "libtbbmalloc2", "libtbbbind-2-5", "libhwloc15")
    )
    if root is not None:
        return root / "usr"
    try:
        files = importlib.metadata.files("tbb-devel") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(file.locate()) for file in files if file.name == "TBBConfig.cmake"]
    return found[0].parents[3] if found else None


@pytest.mark.ci
@pytest.mark.parametrize(("engine", "python"), list(cases()))
def test_an_engine_calls_python_and_python_ends(engine: str, python: MatrixPython) -> None:
    """Its threads attach without preparation; finalize() succeeds although they live on."""
    folder = CACHE / "engines" / python.name
    environ = environment_for(python)
    tbb = tbb_folder() if engine == "onetbb" and not Path("/usr/include/tbb").is_dir() else None
    configured = configure(
        SOURCE, folder, python, deadline_s=BUILD_LIMIT_S, flags="-O1", prefix=tbb
    )
    found = re.search(r"-- engines: (.*)", configured.out)
    assert found, configured.explain()
    if engine not in found[1].split(";"):
        pytest.skip(f"{engine} is not installed, and cannot be downloaded")
    built = run_command(
        ["cmake", "--build", str(folder), "--target", engine], deadline_s=BUILD_LIMIT_S
    )
    assert built.code == 0, built.explain()

    for _ in range(5):
        ran = run_command([str(folder / engine)], environ=environ, deadline_s=RUN_LIMIT_S)

        assert ran.code == 0, ran.explain()
        assert (ran.out, ran.err) == (EXPECTED[engine], "")
