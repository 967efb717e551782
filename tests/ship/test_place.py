"""Making a bundle keeps what belongs to the user, cleans up, and says which file is wrong."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyholdfast.bundle.manifest import MARKER, hash_files, read_manifest
from pyholdfast.bundle.own_modules import add_modules
from pyholdfast.bundle.place import demand_place, put, stage_for
from pyholdfast.errors import HoldfastError, UsageError

STAGED = """\
import signal
import sys
from pathlib import Path
from pyholdfast.bundle.place import stage_for
for number in (signal.SIGTERM, signal.SIGHUP):  # nohup ignores one of them
    signal.signal(number, signal.SIG_DFL)
with stage_for(Path(sys.argv[1])) as stage:
    (stage / "file").touch()
    print(stage, flush=True)
    sys.stdin.read()
"""


def test_files_that_were_added_to_a_bundle_are_not_deleted(tmp_path: Path) -> None:
    """HF122 names them; what Python compiled is replaced."""
    dist = tmp_path / "dist"
    (dist / "lib/__pycache__").mkdir(parents=True)
    (dist / "lib/a.py").touch()
    (dist / MARKER).write_text(json.dumps({"format": 1, "files": hash_files(dist)}))
    (dist / "lib/__pycache__/a.pyc").touch()
    demand_place(dist, "host", is_taken=False)
    (dist / "data").mkdir()
    (dist / "data/mine.db").touch()

    with pytest.raises(UsageError, match=r"data/mine\.db") as caught:
        demand_place(dist, "host", is_taken=False)
    assert caught.value.code == "HF122"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a signal")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """Neither does Ctrl+C."""
    with subprocess.Popen(
        [sys.executable, "-c", STAGED, tmp_path / "dist"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        stage = Path(child.stdout.readline().strip())
        assert (stage / "file").exists()
        child.send_signal(number)
        assert child.wait(timeout=60) == 128 + number

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Rather than the bundle, which could be written."""
    with pytest.raises(HoldfastError, match="/no/such") as caught, stage_for(tmp_path / "dist"):
        raise FileNotFoundError(errno.ENOENT, "No such file", "/no/such")
    assert caught.value.code == "HF111"
    beside = str(tmp_path / "pricing.py")
    with pytest.raises(HoldfastError, match="pricing") as caught, stage_for(tmp_path / "dist"):
        raise PermissionError(errno.EACCES, "Permission denied", beside)
    assert caught.value.code == "HF111"
    with pytest.raises(HoldfastError, match="dist") as caught, stage_for(tmp_path / "dist") as at:
        raise OSError(errno.ENOSPC, "No space left", str(at / "file"))
    assert caught.value.code == "HF112"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such mode on Windows")
def test_all_users_may_read_a_bundle(tmp_path: Path) -> None:
    """Whatever the umask of the one who makes it: pip and others obey that."""
    for _ in "and again":
        with stage_for(tmp_path / "dist") as stage:
            (stage / "lib").mkdir(0o700)
            (stage / "lib/a.py").touch(0o600)
            (stage / "host").touch(0o700)
            put(stage, tmp_path / "dist")

    modes = {at.name: at.stat().st_mode & 0o777 for at in (tmp_path / "dist").rglob("*")}
    assert modes == {"lib": 0o755, "a.py": 0o644, "host": 0o755}
    assert [at.name for at in tmp_path.iterdir()] == ["dist"]


def test_a_folder_without_a_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is made: the current folder cannot be replaced."""
    monkeypatch.chdir(tmp_path)
    for place in (".", ".."):
        with pytest.raises(UsageError, match="with a name") as caught:
            demand_place(Path(place), "host", is_taken=False)
        assert caught.value.code == "HF122"


def test_programs_of_a_package_stay_executable(tmp_path: Path) -> None:
    """And all files are readable, whatever they were."""
    package = tmp_path / "app"
    (package / "bin").mkdir(parents=True)
    for name, mode in (("__init__.py", 0o600), ("bin/helper", 0o700)):
        (package / name).touch(mode)
    place = tmp_path / "site"
    place.mkdir()

    add_modules([package], place, tmp_path / "standard")

    modes = {name: (place / "app" / name).stat().st_mode & 0o777 for name in ("__init__.py", "bin", "bin/helper")}  # fmt: skip
    assert modes == {"__init__.py": 0o644, "bin": 0o755, "bin/helper": 0o755}


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    """HF124 names the package and the file."""
    package, place = tmp_path / "app", tmp_path / "site"
    for folder in (package, place):
        folder.mkdir()
    (package / "dangling").symlink_to(tmp_path / "nothing")

    with pytest.raises(UsageError, match="app/dangling") as caught:
        add_modules([package], place, tmp_path / "standard")
    assert caught.value.code == "HF124"


def test_a_manifest_with_any_file_name(tmp_path: Path) -> None:
    """Names are bytes, not always UTF-8."""
    name = os.fsdecode(b"caf\xe9")
    text = json.dumps({"format": 1, "files": {name: {"size": 0, "sha256": ""}}}, ensure_ascii=False)
    (tmp_path / MARKER).write_text(text, encoding="utf-8", errors="surrogateescape")

    assert list(read_manifest(tmp_path)["files"]) == [name]
