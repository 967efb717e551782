"""What `--package` copies: extras, markers, and files beside the packages."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from pyholdfast.bundle.installed import answers, holds, parts_of
from pyholdfast.bundle.packages import add_packages
from pyholdfast.bundle.standard_library import copy_standard_library
from pyholdfast.bundle.target import ask_target
from pyholdfast.errors import UsageError
from pyholdfast.toolchain.probe import probe
from ship.support import METADATA, one_python

PACKAGES = {
    "app": "Requires-Dist: mid[Fast] >=1\nRequires-Dist: old; python_version < '3'\n",
    "mid": "Requires-Dist: quick; extra == 'fast'\nRequires-Dist: slow; extra == 'slow'\n",
    "quick": "Requires-Dist: app[more]\n",
    "slow": "",
    "old": "",
    "lacking": "Requires-Dist: mid[none]\nRequires-Dist: nowhere; python_version >= '3'\n",
}
BESIDE = ("bin/app", "lib/libapp_rt.so.2", "share/app/one", "share/app/two", "etc/app.conf")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's Python, with packages that are made by hand."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([one_python().path, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    for name, more in PACKAGES.items():
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA.format(name=name, version="1.0", more=more))
        (site / f"{name}.py").touch()
        beside = "".join(f"../../../{file},,\n" for file in BESIDE if name == "app")
        (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n{beside}")
    for file in BESIDE:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(file)
    return folder / "bin" / "python"


@pytest.mark.parametrize(
    ("names", "copied"),
    [
        (["app"], ["app", "mid", "quick"]),
        (["mid"], ["mid"]),
        (["mid[slow]"], ["mid", "slow"]),
        (["mid", "mid[fast, slow]"], ["app", "mid", "quick", "slow"]),
    ],
)
def test_extras_are_copied_and_markers_hold(
    environment: Path, tmp_path: Path, names: list[str], copied: list[str]
) -> None:
    """Those that are asked for, by the user or by a package; each once, though they form a circle."""
    target = ask_target(probe(environment))

    add_packages(target, tmp_path, names, [])

    assert sorted(file.stem for file in (tmp_path / target.layout.site).glob("*.py")) == copied


def test_a_requirement_that_is_not_there(environment: Path, tmp_path: Path) -> None:
    """HF123, if its marker holds."""
    with pytest.raises(UsageError, match="'lacking' requires 'nowhere'"):
        add_packages(ask_target(probe(environment)), tmp_path, ["lacking"], [])


def test_files_beside_packages(environment: Path, tmp_path: Path) -> None:
    """Libraries are copied, scripts are not; the rest is named."""
    target = ask_target(probe(environment))

    left_out = add_packages(target, tmp_path, ["app"], [])

    assert [what for what, _ in left_out] == ["a file of app in etc", "2 files of app in share/app"]
    assert (tmp_path / "lib" / "libapp_rt.so.2").read_text() == "lib/libapp_rt.so.2"
    assert not (tmp_path / "bin").exists()
    assert not (tmp_path / "share").exists()


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("", True),
        ("python_version >= '3.8'", True),
        ("python_version >= '3.100'", False),
        ("python_full_version == '2.7.*'", False),
        ("python_version != '2.7.*'", True),
        ("python_version not in '2.6 2.7'", True),
        ("'linux' in sys_platform or sys_platform == 'win32' or os_name == 'posix'", True),
        ("(extra == 'a' and python_version < '3') or extra == 'B_c'", False),
        ("implementation_name == 'cpython' and python_version ~= '3.5'", True),
    ],
)
def test_markers(marker: str, *, expected: bool) -> None:
    """Of the language in which packages say when they need another."""
    assert holds(marker) is expected


def test_an_extra_holds_in_any_spelling() -> None:
    """And several may be asked for."""
    assert holds("extra == 'B_c'", frozenset({"a", "b-c"}))
    assert parts_of("Mid [a, B_c] (>=1)") == ("mid", frozenset({"a", "b-c"}), "")
    with pytest.raises(ValueError, match="open"):
        holds("open('x')")


def test_links_of_packages_that_lead_nowhere_are_named(environment: Path, tmp_path: Path) -> None:
    """The file is not in the bundle, which its user would otherwise find out."""
    site = next(environment.parent.parent.glob("lib/python3*/site-packages"))
    (site / "slow.py").unlink()
    (site / "slow.py").symlink_to(tmp_path / "nothing")

    left_out = add_packages(ask_target(probe(environment)), tmp_path / "stage", ["slow"], [])

    assert left_out == [("slow.py of slow", "it is a link that leads nowhere")]


def test_links_of_the_standard_library_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    """Distributions have such links for what another package would bring."""
    stdlib = tmp_path / "stdlib"
    (stdlib / "lib-dynload").mkdir(parents=True)
    (stdlib / "os.py").touch()
    for name in ("linked.py", "lib-dynload/_linked.so"):
        (stdlib / name).symlink_to(tmp_path / "nothing")
    target = replace(ask_target(one_python().build), stdlib=stdlib, dynamic=stdlib / "lib-dynload")

    left_out = copy_standard_library(target, tmp_path / "stage")

    assert left_out == [
        (str(stdlib / name), "it is a link that leads nowhere")
        for name in ("lib-dynload/_linked.so", "linked.py")
    ]
    assert (tmp_path / "stage" / target.layout.standard / "os.py").is_file()


def test_what_pip_left_half_removed_is_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.15 raises an exception for a folder without METADATA; earlier ones know no name."""

    class Broken:
        @property
        def metadata(self) -> dict[str, str]:
            raise FileNotFoundError

    class Nameless:
        @property
        def metadata(self) -> dict[str, str]:
            return {}  # before 3.15, it has None for any name

    monkeypatch.setattr(metadata, "distributions", lambda: [Broken(), Nameless()])

    assert answers(["one"]) == {"found": [], "absent": [["one", ""]]}
