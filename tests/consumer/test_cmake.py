"""Projects that use holdfast as its users do, through CMake and pkg-config."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, default_python, quick_names, usable
from pyholdfast import paths

PROJECTS = Path(__file__).parent / "projects"
SITE = Path(__file__).resolve().parents[2] / "src"
ROOT = f"-Dholdfast_ROOT={paths.cmake_dir()}"

pytestmark = pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")


def configure(project: str, folder: Path, *options: str, **environ: str) -> Outcome:
    """Run cmake on one of the projects, without any Python in the environment."""
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    return run_command(
        ["cmake", *generator, "-S", str(PROJECTS / project), "-B", str(folder), *options],
        environ=environment_for(default_python()) | environ,
        deadline_s=120,
    )


def built(folder: Path) -> Path:
    """Build what was configured; return the path of the program."""
    done = run_command(["cmake", "--build", str(folder)], deadline_s=300)
    assert done.code == 0, done.out + done.err
    return folder / "host"


def columns() -> list[object]:
    """The Pythons; those outside the short run are marked long."""
    return [
        pytest.param(
            p,
            id=p.name,
            marks=() if p.name in quick_names("cmake", most=1) else (pytest.mark.long,),
        )
        for p in usable()
    ]


@pytest.mark.ci
@pytest.mark.parametrize("python", columns())
def test_a_program_contains_the_python_that_was_asked_for(
    python: MatrixPython, tmp_path: Path
) -> None:
    """Even if FindPython alone takes another one: a free-threaded build, a moved tree."""
    configured = configure("executable", tmp_path, ROOT, f"-DPython_EXECUTABLE={python.path}")
    assert configured.code == 0, configured.explain()
    ran = run_command([str(built(tmp_path))], environ=environment_for(python), deadline_s=60)

    assert ran.code == 0, ran.explain()
    assert ran.out.strip() == f"{python.build.version} {python.path}"


def test_the_package_on_the_prefix_path_is_enough(tmp_path: Path) -> None:
    """Its folder has the layout of an installation prefix. Build backends use the entry point."""
    python = default_python()
    prefix = f"-DCMAKE_PREFIX_PATH={SITE / 'pyholdfast'}"
    configured = configure("executable", tmp_path, prefix, HOLDFAST_PYTHON=str(python.path))

    assert configured.code == 0, configured.explain()
    assert f"Python_EXECUTABLE:FILEPATH={python.path}" in (tmp_path / "CMakeCache.txt").read_text()


def test_an_active_environment_is_taken(tmp_path: Path) -> None:
    """Its interpreter is stored in CMake's cache, so another shell uses the same one."""
    python = default_python()
    subprocess.run([python.path, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    configured = configure("executable", tmp_path / "b", ROOT, VIRTUAL_ENV=str(tmp_path / "v"))

    assert configured.code == 0, configured.explain()
    cached = (tmp_path / "b" / "CMakeCache.txt").read_text()
    assert f"Python_EXECUTABLE:FILEPATH={tmp_path}/v/bin/python" in cached


@pytest.mark.ci
def test_a_header_is_made_again_only_when_it_would_change(tmp_path: Path) -> None:
    """An edit of a body compiles nothing; an edit of a neighbour's record does."""
    project = tmp_path / "project"
    shutil.copytree(PROJECTS / "bound", project)
    python = default_python()
    options = [ROOT, f"-DPython_EXECUTABLE={python.path}"]
    configured = configure(str(project), tmp_path / "b", *options)
    assert configured.code == 0, configured.explain()
    host = built(tmp_path / "b")
    ran = run_command([str(host), str(project)], environ=environment_for(python), deadline_s=60)
    assert ran.out == "6\n", ran.explain()

    def compiled_after(file: str, text: str) -> bool:
        before = host.stat().st_mtime_ns
        with (project / "shop" / file).open("a") as opened:
            opened.write(text)
        built(tmp_path / "b")
        return host.stat().st_mtime_ns != before

    assert not compiled_after("pricing.py", "# the same hints\n")
    assert compiled_after("book.py", "    note: str = ''\n")


def test_headers_alone_look_for_no_python(tmp_path: Path) -> None:
    """An extension module needs only these."""
    configured = configure("headers_only", tmp_path, ROOT)
    assert configured.code == 0, configured.explain()

    assert run_command([str(built(tmp_path))], deadline_s=20).code == 0


def test_a_python_found_earlier_is_kept(tmp_path: Path) -> None:
    """find_package(Python) before find_package(holdfast)."""
    python = default_python()
    configured = configure(
        "after_find_python", tmp_path, ROOT, f"-DPython_EXECUTABLE={python.path}"
    )

    assert configured.code == 0, configured.explain()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"HOLDFAST_PYTHON": "/no/python"}, "HF103"),
        ({"VIRTUAL_ENV": "/no/venv"}, "HF103"),
    ],
)
def test_a_wrong_python_stops_the_configuration(
    tmp_path: Path, options: dict[str, str], code: str
) -> None:
    """With holdfast's own message, instead of another Python."""
    configured = configure("executable", tmp_path, ROOT, **options)

    assert configured.code == 1
    assert code in configured.err
    assert "do:" in configured.err


def test_a_mismatch_stops_the_configuration(tmp_path: Path) -> None:
    """A library of another installation, which FindPython accepts silently, is noticed."""
    library = default_python().build.library
    assert library is not None
    other = str(shutil.copy(library, tmp_path))
    configured = configure(
        "executable",
        tmp_path / "b",
        ROOT,
        f"-DPython_EXECUTABLE={default_python().path}",
        f"-DPython_LIBRARY={other}",
    )

    assert configured.code == 1
    assert "but FindPython took" in " ".join(configured.err.split())
    assert other in configured.err


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("0.1", True), ("0.1.0", True), ("0.0.9", False), ("0.2", False), ("1.0", False),
     ("0.1...0.5", True), ("0.2...0.5", False), ("0.0.1...<0.1", False)],
)  # fmt: skip
def test_a_version_is_compared_as_long_as_it_is_below_1(
    tmp_path: Path, wanted: str, found: bool
) -> None:
    """Before 1.0, a minor version may break what the previous one had."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.19)\nproject(v LANGUAGES CXX)\n"
        f"find_package(holdfast {wanted} COMPONENTS headers)\n"
        'message(STATUS "found=${holdfast_FOUND}")\n'
    )
    done = run_command(
        ["cmake", "-S", str(tmp_path), "-B", str(tmp_path / "b"), ROOT], deadline_s=120
    )

    assert (f"found={int(found)}" in done.out) or (not found and "found=0" in done.out), done.out


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_cmake_gives_our_headers_as_system_headers(tmp_path: Path) -> None:
    """So that a project's warnings do not apply to them, as for all imported targets."""
    (tmp_path / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(host CXX)\n"
        "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\nfind_package(holdfast REQUIRED)\n"
        "holdfast_add_executable(host main.cpp)\n",
        encoding="utf-8",
    )
    done = run_command(
        ["cmake", "-S", str(tmp_path), "-B", str(tmp_path / "b"), ROOT,
         f"-DPython_EXECUTABLE={default_python().path}"], deadline_s=120
    )  # fmt: skip
    assert done.code == 0, done.explain()
    text = (tmp_path / "b" / "compile_commands.json").read_text(encoding="utf-8")

    assert f"-isystem {paths.include_dir()}" in text
    assert f"-I{paths.include_dir()}" not in text


def test_pkg_config_knows_the_headers(tmp_path: Path) -> None:
    """The .pc file works in the place where it is."""
    if shutil.which("pkg-config") is None:
        pytest.skip("pkg-config is not installed")
    done = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "holdfast"], capture_output=True, text=True, check=True,
        env={"PKG_CONFIG_PATH": str(paths.pkgconfig_dir()), "PATH": "/usr/bin:/bin"}, cwd=tmp_path,
    )  # fmt: skip
    words = done.stdout.split()
    folder = words[words.index("-isystem") + 1]  # so that no warning is of our headers

    assert (Path(folder) / "holdfast" / "version.hpp").is_file()


def test_build_systems_find_the_folders_by_entry_point() -> None:
    """The groups of scikit-build-core and pkgconf; the modules that they name contain the files."""
    code = (
        "import importlib.resources as r, sys\n"
        "print(r.files('pyholdfast.share.cmake.holdfast') / 'holdfastConfig.cmake')\n"
        "print(r.files('pyholdfast.share.pkgconfig') / 'holdfast.pc')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(SITE)},
    )  # fmt: skip

    assert all(Path(line).is_file() for line in done.stdout.splitlines())


def test_the_cmake_root_is_named_as_find_package_asks() -> None:
    """scikit-build-core sets NAME_ROOT from the entry point's name, for find_package(NAME)."""
    project = (SITE.parent / "pyproject.toml").read_text(encoding="utf-8")
    _, found, rest = project.partition('[project.entry-points."cmake.root"]\n')

    assert found
    assert rest.startswith("holdfast = ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), 1),
        (("-DCMAKE_BUILD_TYPE=Release",), 0),
        (("-DCMAKE_CXX_FLAGS=-O1",), 0),
    ],
)
def test_no_build_type_is_said_once(options: tuple[str, ...], said: int, tmp_path: Path) -> None:
    """CMake would silently compile without optimisation."""
    configured = configure("headers_only", tmp_path, ROOT, *options, CFLAGS="", CXXFLAGS="")

    assert configured.code == 0, configured.explain()
    assert (configured.out + configured.err).count("CMAKE_BUILD_TYPE is not set") == said


def test_options_are_quoted_for_eval(tmp_path: Path) -> None:
    """In a folder with a blank and a quote, a shell that evaluates the line can compile."""
    tools = tmp_path / "my tools' folder"
    shutil.copytree(SITE / "pyholdfast", tools / "pyholdfast")
    (tmp_path / "host.cpp").write_text(
        "#include <holdfast/version.hpp>\nint main() { return 0; }\n"
    )
    python = default_python()
    line = f"$(python -m pyholdfast config --cflags --python {python.path})"
    environ = {**environment_for(python), "PYTHONPATH": str(tools), "PATH": _path_of_this_python()}
    command = f'eval "c++ {line} -c host.cpp"'
    outcome = run_command(["/bin/sh", "-c", command], environ=environ, deadline_s=60, cwd=tmp_path)

    assert outcome.code == 0, outcome.explain()


def _path_of_this_python() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
