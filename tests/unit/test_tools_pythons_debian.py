"""tools/pythons.py: reading apt's configuration, and moving a Debian tree. No network, no root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))  # the tools are scripts, not an installed package

from python_matrix import debian_tree  # noqa: E402
from python_matrix.apt import OtherRelease  # noqa: E402
from python_matrix.apt_sources import (  # noqa: E402
    Archive,
    debian_archive,
    parse_deb822,
    parse_one_line,
    read_archives,
)
from python_matrix.catalog import Cache  # noqa: E402
from python_matrix.steps import Steps, UnavailableError  # noqa: E402
from python_matrix.tree_relocation import (  # noqa: E402
    answer_to_own_path,
    make_links_relative,
    replace_config_header,
    rewrite_build_facts,
)

KEY = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY865\n -----END PGP PUBLIC KEY BLOCK-----"


def test_one_line_sources() -> None:
    """Options, components and comments are read; lines for sources and comments are not archives."""
    text = """
# deb file:/srv/old bookworm main
deb file:/srv/debian bookworm main contrib  # the usual
deb [arch=amd64 Signed-By=/usr/share/keyrings/Own.gpg trusted=yes] file:/srv/own stable main
deb-src file:/srv/debian bookworm main
"""
    assert parse_one_line(text) == [
        Archive("file:/srv/debian", "bookworm", ("main", "contrib")),
        Archive("file:/srv/own", "stable", ("main",), "/usr/share/keyrings/Own.gpg", trusted=True),
    ]


def test_deb822_sources() -> None:
    """Each suite is an archive; fields may continue on the next line; disabled ones are left out."""
    text = f"""\
# the machine's own
Types: deb deb-src
URIs: file:/srv/debian
Suites: bookworm
# note: a comment ends neither the paragraph nor the field
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: file:/srv/off
Suites: bookworm
Components: main
Enabled: no

types: deb
uris: file:/srv/keyed
suites: stable
components: main
signed-by:{KEY}

Types: deb-src
URIs: file:/srv/sources
Suites: bookworm
Components: main
"""
    ring = "/usr/share/keyrings/debian.gpg"
    assert parse_deb822(text) == [
        Archive("file:/srv/debian", "bookworm", ("main",), ring),
        Archive("file:/srv/debian", "bookworm-updates", ("main",), ring),
        Archive("file:/srv/keyed", "stable", ("main",), KEY),
    ]


def test_both_formats_are_found_and_other_files_ignored(tmp_path: Path) -> None:
    """sources.list comes first; files that apt ignores are ignored."""
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb file:/a bookworm main\n")
    (parts / "b.list").write_text("deb file:/b bookworm main\n")
    (parts / "c.sources").write_text("Types: deb\nURIs: file:/c\nSuites: sid\nComponents: main\n")
    (parts / "d.list.disabled").write_text("deb file:/d bookworm main\n")

    assert [archive.uri for archive in read_archives(tmp_path)] == ["file:/a", "file:/b", "file:/c"]
    assert read_archives(tmp_path / "none") == []


@pytest.fixture
def bookworm(tmp_path: Path) -> Path:
    """Return the os-release file of a Debian 12."""
    path = tmp_path / "os-release"
    path.write_text('ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n')
    return path


def test_the_archive_is_that_of_the_machines_own_release(bookworm: Path, tmp_path: Path) -> None:
    """Not the security archive, a vendor's archive, or one on a CD."""
    mirrors = tmp_path / "mirrors.list"
    mirrors.write_text("file:/srv/first priority:1\nfile:/srv/second\n")
    found = debian_archive(
        [
            Archive("file:/srv/security", "bookworm-security", ("main",)),
            Archive("file:/srv/vendor", "cloud-sdk-bookworm", ("main",)),
            Archive("cdrom:[Debian]/", "bookworm", ("main",)),
            Archive("file:/srv/extra", "bookworm", ("contrib",)),
            Archive(f"mirror+file:{mirrors}", "bookworm", ("main", "contrib"), "/ring.gpg"),
            Archive("file:/srv/later", "bookworm", ("main",)),
        ],
        bookworm,
    )

    assert found == Archive("file:/srv/first", "bookworm", ("main",), "/ring.gpg")


def test_another_system_is_refused_by_name(tmp_path: Path) -> None:
    """Another distribution's archive does not have the releases."""
    path = tmp_path / "os-release"
    path.write_text("ID=ubuntu\n")
    with pytest.raises(UnavailableError, match="this system is 'ubuntu'"):
        debian_archive([Archive("file:/srv/a", "stable", ("main",))], path)


def test_no_archive_at_all_is_a_reason(bookworm: Path) -> None:
    """If the machine's apt has no archive, the message says so."""
    with pytest.raises(UnavailableError, match="names no archive with 'main' for bookworm"):
        debian_archive([], bookworm)


@pytest.mark.parametrize("signed_by", [None, "/ring.gpg", KEY])
def test_another_release_is_trusted_as_the_machines_own_is(
    tmp_path: Path, signed_by: str | None
) -> None:
    """The paragraph written for apt has the same trust settings, for another suite."""
    OtherRelease(Archive("file:/srv/a", "bookworm", ("main",), signed_by), "sid", tmp_path)
    text = (tmp_path / "sources" / "other.sources").read_text()

    assert parse_deb822(text) == [Archive("file:/srv/a", "sid", ("main",), signed_by)]


@pytest.mark.parametrize(
    ("known", "pythons"),
    [
        ({"python3.15", "libpython3.15-dev", "python3.15-venv", "python3.14"}, ["3.15"]),
        ({"python3.14", "libpython3.14-dev"}, ["3.14"]),
    ],
)
def test_only_what_the_release_has_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: set[str], pythons: list[str]
) -> None:
    """A Python that the release dropped, or has without headers, is left out."""
    monkeypatch.setattr(OtherRelease, "update", lambda _self, _steps: None)
    monkeypatch.setattr(
        OtherRelease, "available", lambda _self, _steps, names: [n for n in names if n in known]
    )
    archive, cache = Archive("file:/srv/a", "bookworm", ("main",)), Cache(tmp_path)
    chosen, packages = debian_tree.choose(archive, cache, Steps("x", tmp_path / "log"))

    assert chosen == pythons
    assert {name for name in packages if "python" in name} == {
        name for name in known if pythons[0] in name
    }


def test_a_mount_inside_a_half_made_tree_is_seen(tmp_path: Path) -> None:
    """Deleting through a mount would destroy what is mounted there."""
    tree = tmp_path / "a tree"
    table = tmp_path / "mounts"
    blank = str(tree).replace(" ", "\\040")
    table.write_text(f"proc {blank}/proc proc rw 0 0\nx {blank}-other/proc proc rw 0 0\n")

    assert debian_tree.mounts_below(tree, table) == [tree / "proc"]


def test_links_stay_inside_the_tree(tmp_path: Path) -> None:
    """A link to /etc leads to the tree's etc; relative links and /proc are not changed."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "site.py").write_text("inside")
    lib = tmp_path / "usr" / "lib"
    lib.mkdir(parents=True)
    (lib / "site.py").symlink_to("/etc/site.py")
    (lib / "same.py").symlink_to("site.py")
    (lib / "fd").symlink_to("/proc/self/fd")
    (lib / "folder").symlink_to("/etc")

    make_links_relative(tmp_path)

    assert (lib / "site.py").read_text() == "inside"
    assert str((lib / "site.py").readlink()) == "../../etc/site.py"
    assert str((lib / "same.py").readlink()) == "site.py"
    assert str((lib / "fd").readlink()) == "/proc/self/fd"
    assert str((lib / "folder").readlink()) == "../../etc"


def test_the_trees_own_path_leads_back_to_it(tmp_path: Path) -> None:
    """Inside a chroot, the absolute path in the files must name the same folder."""
    tree = tmp_path / "some" / "where"
    (tree / "usr").mkdir(parents=True)
    answer_to_own_path(tree)

    assert Path(f"{tree}{tree}/usr").samefile(tree / "usr")


def test_one_include_folder_is_enough(tmp_path: Path) -> None:
    """The header that includes the real one by triplet is replaced by the real one."""
    include = tmp_path / "usr" / "include"
    for folder in (include / "python3.15", include / "a-b-c" / "python3.15"):
        folder.mkdir(parents=True)
    (include / "python3.15" / "pyconfig.h").write_text("#include <a-b-c/python3.15/pyconfig.h>\n")
    (include / "a-b-c" / "python3.15" / "pyconfig.h").write_text("#define REAL 1\n")

    replace_config_header(tmp_path, "3.15", "a-b-c")

    assert (include / "python3.15" / "pyconfig.h").read_text() == "#define REAL 1\n"


def test_build_facts_name_the_tree(tmp_path: Path) -> None:
    """Single paths are changed to the tree; options, lists and the machine's tools are not."""
    stdlib = tmp_path / "usr/lib/python3.15"
    pkgconfig = tmp_path / "usr/lib/a-b-c/pkgconfig"
    for folder in (stdlib, pkgconfig):
        folder.mkdir(parents=True)
    facts = {
        "INCLUDEPY": "/usr/include/python3.15",
        "prefix": "/usr",
        "INSTALL_DATA": "/usr/bin/install",
        "CFLAGS": "-I/usr/include",
        "TZPATH": "/usr/share/zoneinfo:/etc/zoneinfo",
        "SIZEOF_LONG": 8,
    }
    data = stdlib / "_sysconfigdata__x.py"
    data.write_text(f"build_time_vars = {facts!r}\n")
    details = stdlib / "build-details.json"
    details.write_text(json.dumps({"c_api": {"headers": "/usr/include/python3.15"}}))
    (pkgconfig / "python-3.15-embed.pc").write_text("prefix=/usr\nlibdir=/usr/lib/a-b-c\n")

    rewrite_build_facts(tmp_path, "3.15")

    program = f"import json; exec(open({str(data)!r}).read()); print(json.dumps(build_time_vars))"
    read = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert json.loads(read.stdout) == {
        **facts,
        "INCLUDEPY": f"{tmp_path}/usr/include/python3.15",
        "prefix": f"{tmp_path}/usr",
    }
    assert json.loads(details.read_text()) == {
        "c_api": {"headers": f"{tmp_path}/usr/include/python3.15"}
    }
    assert (pkgconfig / "python-3.15-embed.pc").read_text() == (
        f"prefix={tmp_path}/usr\nlibdir={tmp_path}/usr/lib/a-b-c\n"
    )
