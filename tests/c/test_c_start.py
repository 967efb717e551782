"""Which Python a C program finds, and what it says of each that will not do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from c_builds import built, ensure_backend, one_python, run_on
from matrix import MatrixPython, usable
from pyholdfast.toolchain.c_library import backend_name, backends_folder
from pyholdfast.toolchain.compiler import find_compiler

SOURCE = Path(__file__).with_name("start_and_say.c")
# What a Python of the system's kind prints about itself; {} is its executable.
FACTS = """\
#!/bin/sh
printf '%s\\n' implementation={implementation} version={version} flags= executable=/none library={library} end=
"""


@pytest.fixture
def python() -> MatrixPython:
    """Its backend is made."""
    return one_python()


def said(python: MatrixPython, *arguments: object, **environ: str) -> str:
    """What the program printed."""
    outcome = run_on(built(SOURCE), python, *map(str, arguments), environ=environ)
    assert outcome.code == 0, outcome.explain()
    return outcome.out


def fake(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def foreign_program(path: Path) -> Path:
    """The head of a program for a processor that this machine does not have."""
    head = bytearray(Path(sys.executable).resolve().read_bytes()[:64])
    head[18:20] = (0x2A, 0x00)  # EM_SH
    path.write_bytes(head)
    path.chmod(0o755)
    return path


def version(python: MatrixPython) -> str:
    """As hf_python_version() says it."""
    return python.build.version_text


def test_the_order_of_the_places(python: MatrixPython, tmp_path: Path) -> None:
    """The configuration, HOLDFAST_PYTHON, VIRTUAL_ENV, PATH; the first that is named decides."""
    missing = str(tmp_path / "missing")
    venv = tmp_path / "venv"
    subprocess.run([python.path, "-m", "venv", "--without-pip", venv], check=True)
    path = {"HOLDFAST_PYTHON": "", "PATH": str(python.path.parent)}

    assert said(python, python.path, HOLDFAST_PYTHON=missing).startswith(version(python))
    assert said(python, "-", HOLDFAST_PYTHON=missing).startswith("HF261")
    assert said(python, "-", VIRTUAL_ENV=missing).startswith(version(python))
    assert said(python, "-", **path, VIRTUAL_ENV=str(venv)) == f"{version(python)} in {venv}\n"
    assert said(python, "-", **path, VIRTUAL_ENV=missing).startswith("HF261")
    assert said(python, "-", **path).startswith(version(python))
    # Isolated, no HOLDFAST_ variable counts; HOLDFAST_BACKENDS is one, too
    isolated = said(python, f"backends={backends_folder()}", "isolated", "-",
                    **{**path, "HOLDFAST_PYTHON": missing})  # fmt: skip
    assert isolated.startswith(version(python))


def test_path_is_searched_on(python: MatrixPython, tmp_path: Path) -> None:
    """What will not do is passed over; if nothing will do, each is named with its reason."""
    old = fake(tmp_path / "old/python3", FACTS.format(
        implementation="cpython", version="3.9.1", library="/x"))  # fmt: skip
    other = fake(tmp_path / "other/python3", "#!/bin/sh\necho hello\n")
    folders = f"{old.parent}:{other.parent}"

    found = said(python, "-", HOLDFAST_PYTHON="", PATH=f"{folders}:{python.path.parent}")
    refused = said(python, "-", HOLDFAST_PYTHON="", PATH=folders)
    nothing = said(python, "-", HOLDFAST_PYTHON="", PATH=str(tmp_path))

    assert found.startswith(version(python))
    assert refused.startswith("HF261 no Python on PATH can be used:")
    assert f"- '{old}': it is cpython 3.9.1\n" in refused
    assert f"- '{other}': it is not a Python: hello\n" in refused
    assert nothing.startswith("HF260 no Python was found")


def test_each_reason_has_its_code(python: MatrixPython, tmp_path: Path) -> None:
    """A folder, no program, no Python, an old one, PyPy, no library, another processor."""
    plain = tmp_path / "plain"
    plain.write_text("")
    pypy = FACTS.format(implementation="pypy", version="3.10.1", library="/x")
    bare = FACTS.format(implementation="cpython", version="3.12.1", library="")
    broken = FACTS.format(implementation="cpython", version="3.12.1", library=plain)

    assert "it is a folder" in said(python, tmp_path)
    assert "it may not be executed" in said(python, plain) or os.geteuid() == 0
    assert said(python, "/bin/true").startswith("HF261 '/bin/true', named by hf_config.python")
    assert "it is pypy 3.10.1" in said(python, fake(tmp_path / "pypy", pypy))
    assert said(python, fake(tmp_path / "bare", bare)).startswith("HF262")
    assert said(python, foreign_program(tmp_path / "foreign")).startswith("HF263")
    assert "machine 42, and this program is for" in said(python, tmp_path / "foreign")
    place = tmp_path / "backends"
    place.mkdir()
    (place / "holdfast-backend-3.12.so").write_text("")
    shown = said(python, f"backends={place}", fake(tmp_path / "broken", broken))
    assert shown.startswith("HF263"), shown


def test_a_missing_backend_names_the_command(python: MatrixPython, tmp_path: Path) -> None:
    """And every place where it was looked for."""
    away = {"HOLDFAST_BACKENDS": str(tmp_path / "named"), "XDG_CACHE_HOME": str(tmp_path)}
    shown = said(python, f"backends={tmp_path}", "-", **away)
    name = backend_name(python.build)

    assert shown.startswith("HF264")
    for place in (tmp_path, tmp_path / "named", tmp_path / "holdfast/backends/1"):
        assert f"'{place / name}': there is no such file" in shown
    assert f"holdfast backend --python {python.path}" in shown


def test_a_backend_that_does_not_fit_is_refused(python: MatrixPython, tmp_path: Path) -> None:
    """Of another interface, not one at all, damaged, for another processor."""
    away = {"HOLDFAST_BACKENDS": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    file = tmp_path / backend_name(python.build)
    source = tmp_path / "other.c"
    source.write_text(
        'struct { unsigned abi, size; const char *python, *version; } t = {99, 9999, "3", "9"};\n'
        "#ifndef BARE\nconst void *holdfast_backend_v1(void) { return &t; }\n#endif\n"
    )
    compiler = [*find_compiler().command, "-x", "c", "-shared", "-fPIC", str(source)]

    def refusal() -> str:
        shown = said(python, "-", **away)
        assert shown.startswith("HF265"), shown
        return shown

    subprocess.run([*compiler, "-o", file], check=True)
    assert "it has the interface 99, and this library needs the interface 1" in refusal()
    subprocess.run([*compiler, "-DBARE", "-o", file], check=True)
    assert "it is not a backend of holdfast" in refusal()
    file.write_bytes(ensure_backend(python).read_bytes()[:5000])
    assert "it is cut off" in refusal()
    foreign_program(file)
    assert "it is for machine 42" in refusal()


def test_what_others_could_have_written_is_not_loaded(python: MatrixPython, tmp_path: Path) -> None:
    """A backend in a cache that everybody may write to."""
    folder = tmp_path / "holdfast" / "backends" / "1"
    folder.mkdir(parents=True)
    shutil.copy(ensure_backend(python), folder)
    away = {"HOLDFAST_BACKENDS": "", "XDG_CACHE_HOME": str(tmp_path)}

    assert said(python, "-", **away).startswith(version(python))
    folder.chmod(0o777)
    shown = said(python, "-", **away)

    assert shown.startswith("HF265")
    assert f"everybody may write to '{folder}'" in shown


def test_facts_are_asked_once(python: MatrixPython, tmp_path: Path) -> None:
    """And again when the file of the interpreter, or of its library, changes."""
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    said(python, "-", **cache)
    (file,) = (tmp_path / "holdfast" / "facts").iterdir()
    text = file.read_text()
    wrong = text.replace("version=3", "version=2")
    file.write_text(wrong)
    believed = said(python, "-", **cache)

    assert "it is cpython 2" in believed
    for stamp in ("\nstamp=", "\nlibrary_stamp=", "path="):
        file.write_text(wrong.replace(stamp, f"{stamp}1"))
        assert said(python, "-", **cache).startswith(version(python)), stamp
        assert file.read_text() == text


def test_backends_beside_the_program(python: MatrixPython, tmp_path: Path) -> None:
    """A folder that is shipped with it is found, wherever it lies."""
    program = shutil.copy(built(SOURCE, static=True), tmp_path / "shipped")
    place = tmp_path / "holdfast-backends"
    place.mkdir()
    shutil.copy(ensure_backend(python), place)
    away = {"HOLDFAST_BACKENDS": "", "XDG_CACHE_HOME": str(tmp_path / "none")}

    outcome = run_on(Path(program), python, "-", environ=away)

    assert outcome.out.startswith(version(python)), outcome.explain()


def test_a_process_has_one_libpython(python: MatrixPython) -> None:
    """A later start with another Python is refused, one with the same works."""
    others = [p for p in usable() if p.build.loader is None and p.name != python.name]
    if not others:
        pytest.skip("only one Python is here")
    same = said(python, python.path, python.path)
    other = said(python, python.path, others[0].path)

    assert same.count(f"{version(python)} in ") == 2
    assert f"it is Python {others[0].name}, and this process has loaded Python" in other
    assert "\nHF266 " in other
