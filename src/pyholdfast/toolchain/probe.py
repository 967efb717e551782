"""What a compiler and a linker need to know about one CPython.

Runs that interpreter once, isolated, and compares its answers with the files on disk: the build
variables of relocated, repackaged and half-installed Pythons are often wrong. Compiles nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.errors import FindingError
from pyholdfast.process_end import crash_or_status
from pyholdfast.toolchain.elf import is_elf, read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["OLDEST", "PythonBuild", "probe"]

OLDEST = (3, 10)
SHOWN = 160  # characters of a program's output

# Runs in the interpreter that is probed, so it uses only what Python 3.6 and PyPy also have: they
# must be able to answer before they can be refused.
QUESTIONS = r"""
import json, os, sys, sysconfig
names = '''ABIFLAGS CONFIG_ARGS EXT_SUFFIX INSTSONAME LDLIBRARY LDVERSION LIBDIR LIBPL LIBRARY LIBS
LINKFORSHARED MULTIARCH PYTHONFRAMEWORK PYTHONFRAMEWORKPREFIX Py_DEBUG Py_ENABLE_SHARED
Py_GIL_DISABLED SOABI SYSLIBS VERSION prefix'''.split()
variables = {name: sysconfig.get_config_var(name) for name in names}
mapped = []
if os.path.exists('/proc/self/maps'):
    with open('/proc/self/maps', errors='surrogateescape') as maps:
        mapped = sorted({line.split(None, 5)[5].rstrip('\n') for line in maps if '/' in line})
json.dump({
    'implementation': sys.implementation.name,
    'version': list(sys.version_info[:3]),
    'hexversion': sys.hexversion,
    'abiflags': getattr(sys, 'abiflags', ''),
    'windows': os.name == 'nt',
    'executable': sys.executable,
    'base_executable': getattr(sys, '_base_executable', None) or sys.executable,
    'prefix': sys.prefix,
    'base_prefix': sys.base_prefix,
    'include': [sysconfig.get_path('include'), sysconfig.get_path('platinclude')],
    'purelib': sysconfig.get_path('purelib'),
    'variables': {k: '' if v is None else str(v) for k, v in variables.items()},
    'mapped': mapped,
}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class PythonBuild:
    """One CPython as a compiler and a linker see it. Every path is absolute.

    Attributes:
        executable: the interpreter; in a virtual environment, the environment's own.
        base_executable: the interpreter that the environment was made from.
        version: ``(major, minor, micro)``.
        hexversion: as ``PY_VERSION_HEX``.
        abiflags: e.g. ``"t"``, ``"d"``, ``""``.
        free_threaded: True for a build made with ``--disable-gil``.
        debug: True for a build made with ``--with-pydebug``.
        prefix: ``sys.prefix``: the environment, or the installation.
        base_prefix: the installation.
        include_dirs: folders that contain ``Python.h`` and ``pyconfig.h``; empty if there is
            no ``Python.h``.
        library: the shared libpython, verified to belong to this Python.
        static_library: the static libpython.
        soname: the name by which the loader looks for `library`.
        multiarch: e.g. ``"x86_64-linux-gnu"``; may be empty.
        purelib: site-packages.
        loader: the ELF loader, if it is not the system's own.
        library_dirs: folders of the C and C++ libraries that belong to `loader`.
        variables: sysconfig's build variables, not verified.
    """

    executable: Path
    base_executable: Path
    version: tuple[int, int, int]
    hexversion: int
    abiflags: str
    free_threaded: bool
    debug: bool
    prefix: Path
    base_prefix: Path
    include_dirs: tuple[Path, ...]
    library: Path | None
    static_library: Path | None
    soname: str | None
    multiarch: str
    purelib: Path
    loader: Path | None
    library_dirs: tuple[Path, ...]
    variables: Mapping[str, str]

    @property
    def for_windows(self) -> bool:
        """Whether it is a Python for Windows, which may also be built for on Linux."""
        return self.executable.suffix.lower() == ".exe"

    @property
    def version_text(self) -> str:
        """E.g. ``"3.13.5t"``."""
        return ".".join(map(str, self.version)) + self.abiflags

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; see `from_dict`."""
        return {entry.name: _plain(getattr(self, entry.name)) for entry in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PythonBuild:
        """The inverse of `to_dict`.

        Raises:
            KeyError, TypeError, ValueError: if the values are not those of a PythonBuild.
        """
        major, minor, micro = values["version"]
        return cls(
            executable=Path(values["executable"]),
            base_executable=Path(values["base_executable"]),
            version=(int(major), int(minor), int(micro)),
            hexversion=int(values["hexversion"]),
            abiflags=str(values["abiflags"]),
            free_threaded=bool(values["free_threaded"]),
            debug=bool(values["debug"]),
            prefix=Path(values["prefix"]),
            base_prefix=Path(values["base_prefix"]),
            include_dirs=tuple(map(Path, values["include_dirs"])),
            library=_path_or_none(values["library"]),
            static_library=_path_or_none(values["static_library"]),
            soname=values["soname"],
            multiarch=str(values["multiarch"]),
            purelib=Path(values["purelib"]),
            loader=_path_or_none(values["loader"]),
            library_dirs=tuple(map(Path, values["library_dirs"])),
            variables=dict(values["variables"]),
        )


def probe(python: Path, *, limit_s: float = 10.0) -> PythonBuild:
    """Ask `python` how it was built, and check the answers.

    Args:
        python: path of the interpreter, not of the environment's folder.
        limit_s: seconds to wait for its answer.

    Raises:
        FindingError: HF101 if it does not run or does not answer in time, HF104 if it is
            not a CPython of at least 3.10.
    """
    said = _ask(python, limit_s)
    version = tuple(said["version"])
    if said["implementation"] != "cpython" or version < OLDEST:
        raise FindingError(
            "HF104",
            f"'{python}' is {said['implementation']} {'.'.join(map(str, version))}",
            "use a CPython of version 3.10 or later, e.g. with --python",
        )
    variables: dict[str, str] = said["variables"]
    if said["windows"]:
        _complete_for_windows(said)
    base_executable = Path(said["base_executable"])
    loader, library_dirs = _foreign_loader(base_executable, [Path(p) for p in said["mapped"]])
    library = next(_shared_libraries(said), None)
    return PythonBuild(
        executable=Path(said["executable"] or python),
        base_executable=base_executable,
        version=(version[0], version[1], version[2]),
        hexversion=said["hexversion"],
        abiflags=said["abiflags"],
        free_threaded=variables["Py_GIL_DISABLED"] == "1",
        debug=variables["Py_DEBUG"] == "1",
        prefix=Path(said["prefix"]),
        base_prefix=Path(said["base_prefix"]),
        include_dirs=_include_dirs(said),
        library=library,
        static_library=_static_library(said),
        soname=read_elf(library).soname if library and is_elf(library) else None,
        multiarch=variables["MULTIARCH"],
        purelib=Path(said["purelib"]),
        loader=loader,
        library_dirs=library_dirs,
        variables=variables,
    )


def _ask(python: Path, limit_s: float) -> dict[str, Any]:
    """Run the questions; return the unverified answer."""
    # -I and -S: neither environment variables nor .pth files may influence the answer.
    command = [str(python), "-I", "-S", "-c", QUESTIONS]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s, check=False, encoding="utf-8",
            errors="replace", stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _does_not_run(python, f"no answer within {limit_s:g} s") from error
    except OSError as error:
        raise _does_not_run(python, error.strerror or str(error)) from error
    if done.returncode != 0:
        raise _does_not_run(
            python, f"{crash_or_status(done.returncode)}: {_last_line(done.stderr)}"
        )
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        raise _does_not_run(
            python, f"it is not a Python: it printed {done.stdout[:60]!r}"
        ) from error
    if not isinstance(said, dict):
        raise _does_not_run(python, f"it is not a Python: it printed {done.stdout[:60]!r}")
    return said


def _complete_for_windows(said: dict[str, Any]) -> None:
    """Add the name of the DLL and its folder, which sysconfig does not have before 3.13.

    The DLL is beside the interpreter that environments are made from. Before 3.14, Python does not
    report its flags there.
    """
    variables: dict[str, str] = said["variables"]
    major, minor = said["version"][:2]
    free_threaded = "t" if variables["Py_GIL_DISABLED"] == "1" else ""
    debug = variables["Py_DEBUG"] == "1"
    said["abiflags"] = said["abiflags"] or free_threaded + ("d" if debug else "")
    name = f"python{major}{minor}{free_threaded}{'_d' if debug else ''}.dll"
    variables.update(
        LDLIBRARY=name, INSTSONAME=name, LIBDIR=str(Path(said["base_executable"]).parent)
    )


def _last_line(printed: str) -> str:
    """The last line of output, without our own questions, which other programs may quote."""
    line = (printed.strip().splitlines() or ["it printed nothing"])[-1]
    before, quoted, _ = line.partition(QUESTIONS.strip().splitlines()[0])
    if quoted:
        return re.sub(r"(['\"$]|\\n|\s)+$", "", before) + " ..."
    return line if len(line) <= SHOWN else line[:SHOWN] + " ..."


def _does_not_run(python: Path, reason: str) -> FindingError:
    return FindingError(
        "HF101",
        f"cannot run '{python}': {reason}",
        "name an interpreter that works, e.g. --python /usr/bin/python3",
    )


def _library_folders(said: Mapping[str, Any]) -> list[Path]:
    """The folders that may contain libpython, most trusted first, each once."""
    variables: Mapping[str, str] = said["variables"]
    base = Path(said["base_prefix"])
    multiarch = variables["MULTIARCH"]
    folders = [Path(variables["LIBDIR"])] if variables["LIBDIR"] else []
    folders += [base / "lib", base / "lib64", *([base] if said["windows"] else [])]
    if multiarch:
        folders += [base / "lib" / multiarch]
        folders += [Path(variables["LIBDIR"]) / multiarch] if variables["LIBDIR"] else []
    if variables["LIBPL"]:
        folders.append(Path(variables["LIBPL"]))
    if variables["PYTHONFRAMEWORKPREFIX"]:
        folders.append(Path(variables["PYTHONFRAMEWORKPREFIX"]))
    # A tree that was moved still names its old place, where another Python of the same version
    # may be now. So folders inside the installation come first.
    return sorted(dict.fromkeys(folders), key=lambda folder: not folder.is_relative_to(base))


def _shared_libraries(said: Mapping[str, Any]) -> Iterator[Path]:
    """The shared libpythons that exist and have exactly this version, best first."""
    variables: Mapping[str, str] = said["variables"]
    major, minor = said["version"][:2]
    flags = said["abiflags"]
    names = [variables["INSTSONAME"], variables["LDLIBRARY"], f"libpython{major}.{minor}{flags}.so"]
    for folder in _library_folders(said):
        for name in dict.fromkeys(names):
            candidate = folder / name
            named = bool(name) and not name.endswith(".a")
            if named and candidate.is_file() and _is_library_of(candidate, said):
                yield candidate


def _is_library_of(library: Path, said: Mapping[str, Any]) -> bool:
    """Whether the file is the libpython of the Python that answered, as far as it records that."""
    if not is_elf(library):  # a framework or a DLL: only the name can be checked
        return True
    elf = read_elf(library)
    if not elf.defines("Py_InitializeFromConfig"):
        return False
    # conda's interpreter contains its library, so its variables name only the archive; the shared
    # library that is installed for hosts is beside it.
    named = (said["variables"]["INSTSONAME"], said["variables"]["LDLIBRARY"])
    names = [name for name in named if name and not name.endswith(".a")]
    if elf.soname is not None and names and elf.soname not in names:
        return False
    hexversion = elf.read_integer("Py_Version")  # 3.11 and later
    return hexversion is None or hexversion == said["hexversion"]


def _static_library(said: Mapping[str, Any]) -> Path | None:
    name: str = said["variables"]["LIBRARY"]
    if not name.endswith(".a"):
        return None
    found = (folder / name for folder in _library_folders(said))
    return next((path for path in found if path.is_file()), None)


def _include_dirs(said: Mapping[str, Any]) -> tuple[Path, ...]:
    """The folders of the headers; empty without a Python.h."""
    major, minor = said["version"][:2]
    base = Path(said["base_prefix"])
    guess = base / "include" / f"python{major}.{minor}{said['abiflags']}"
    named = [Path(folder) for folder in said["include"] if folder]
    found = [folder for folder in dict.fromkeys([*named, guess]) if (folder / "Python.h").is_file()]
    if not found:
        return ()
    # platinclude may contain only pyconfig.h
    config = [folder for folder in named if (folder / "pyconfig.h").is_file()]
    return tuple(dict.fromkeys([found[0], *config]))


def _foreign_loader(executable: Path, mapped: list[Path]) -> tuple[Path | None, tuple[Path, ...]]:
    """The loader that this Python brings along, and the folders of its C libraries.

    A Python from Nix, or from a tree with its own C library, runs only under that library's
    loader. So does a host that embeds it.
    """
    running = next((path for path in mapped if path.name.startswith("ld-")), None)
    shell = Path("/bin/sh")
    system = read_elf(shell).interpreter if is_elf(shell) else None
    if running is None or system is None or _same_file(running, Path(system)):
        return None, ()
    loader = running
    if is_elf(executable):  # a script may also start the interpreter under the loader
        named = read_elf(executable).interpreter
        if named is not None and _same_file(Path(named), running):
            loader = Path(named)
    prefixes = ("libc.so", "libc-", "libstdc++.so")
    folders = [path.parent for path in mapped if path.name.startswith(prefixes)]
    return loader, tuple(dict.fromkeys([*folders, loader.parent]))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _path_or_none(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
