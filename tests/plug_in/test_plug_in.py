"""Extension modules in plug-ins, and in programs that contain a static interpreter.

Each host imports extension modules of the standard library. Either they find libpython's symbols,
or the ImportError names the linker option that hides them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import flags_for, include_flags

HERE = Path(__file__).parent
DEADLINE_S = 60


def run_compiler(*arguments: object) -> None:
    """Compile or link; a failure shows the compiler's output."""
    command = [*find_compiler().command, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def pythons(*, with_archive: bool = False) -> list[object]:
    """All Pythons; one of them in the short run."""
    quick = quick_names("plug_in", most=1)
    return [
        pytest.param(p, id=p.name, marks=() if p.name in quick else (pytest.mark.long,))
        for p in usable()
        if not with_archive or p.build.static_library is not None
    ]


@pytest.mark.ci
@pytest.mark.parametrize("python", pythons())
def test_extension_modules_load_into_a_locally_loaded_host(
    python: MatrixPython, tmp_path: Path
) -> None:
    """A program opens a host with dlopen(..., RTLD_LOCAL), as a JVM does."""
    flags = flags_for(python.build, optimise="-O0")
    plug_in, program = tmp_path / "plug_in.so", tmp_path / "program"
    run_compiler(
        *flags.cflags, f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"', "-fPIC", "-shared",
        HERE / "plug_in.cpp", *(o for o in flags.ldflags if "dynamic-linker" not in o), *flags.libs,
        "-o", plug_in,
    )  # fmt: skip
    loader = [o for o in flags.ldflags if "dynamic-linker" in o or "rpath" in o]
    run_compiler("-x", "c", HERE / "program.c", *loader, "-pthread", "-ldl", "-o", program)

    outcome = run_command(
        [str(program), str(plug_in)], environ=environment_for(python), deadline_s=DEADLINE_S
    )

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == "imported True\n"


LINKED = [
    ("hidden", [], "HF168", "-rdynamic"),
    ("excluded", ["-rdynamic", "-Wl,--exclude-libs,ALL"], "HF168", "-Wl,--exclude-libs"),
    ("shown", ["-rdynamic"], "", ""),
]


@pytest.mark.parametrize("python", pythons(with_archive=True))
def test_an_interpreter_inside_says_which_option_hides_it(
    python: MatrixPython, tmp_path: Path
) -> None:
    """In the ImportError itself, where users see it."""
    build = python.build
    asked = [python.path, "-c", "import sys; print('zlib' in sys.builtin_module_names)"]
    if run_command([str(word) for word in asked], deadline_s=DEADLINE_S).out != "False\n":
        pytest.skip("its static library has modules inside that need libraries of others")
    needs = f"{build.variables['LIBS']} {build.variables['SYSLIBS']}".split()
    compiled = tmp_path / "host.o"
    run_compiler(
        "-std=c++17", "-O0", *include_flags(build), "-DAS_PROGRAM",
        f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"', "-c", HERE / "plug_in.cpp", "-o", compiled,
    )  # fmt: skip
    for name, options, code, flag in LINKED:
        host = tmp_path / name
        # Debian's archive is not for programs that may be loaded anywhere.
        run_compiler(
            "-no-pie",
            compiled,
            *options,
            build.static_library,
            *needs,
            "-ldl",
            "-pthread",
            "-o",
            host,
        )

        outcome = run_command([str(host)], environ=environment_for(python), deadline_s=DEADLINE_S)

        if code:
            assert outcome.code == 1, outcome.explain()
            assert "undefined symbol: " in outcome.out
            assert f" ({code} '{host}' has the interpreter inside" in outcome.out
            assert flag in outcome.out.partition("; do: ")[2]
        else:
            assert outcome.out == "imported True\n", outcome.explain()
