"""A host that Bazel builds, without a network."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from harness import environment_for, run_command
from matrix import CHECKOUT, usable

PROJECT = Path(__file__).parent / "projects" / "bazel"
PAGE = CHECKOUT / "docs" / "how-to" / "other-build-systems.md"
BAZEL = shutil.which("bazel")
# Debian has the repositories that Bazel otherwise downloads; its rules_cc is for a newer Bazel.
OF_DEBIAN = {
    "rules_java": Path("/usr/share/bazel/rules/java"),
    "rules_proto": Path("/usr/share/bazel/rules/proto"),
    "platforms": Path("/usr/share/bazel/platforms"),
}
RULES_CC = """\
cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
objc_import = native.objc_import
objc_library = native.objc_library
"""
LIMIT_S = 600


def _overrides(folder: Path) -> list[str]:
    """Options for repositories of this machine."""
    (folder / "cc").mkdir(parents=True)
    (folder / "WORKSPACE").touch()
    (folder / "cc" / "BUILD").touch()
    (folder / "cc" / "defs.bzl").write_text(RULES_CC, encoding="utf-8")
    places = {**OF_DEBIAN, "rules_cc": folder}
    return [f"--override_repository={name}={place}" for name, place in places.items()]


@pytest.mark.long
@pytest.mark.skipif(
    BAZEL is None or not all(place.is_dir() for place in OF_DEBIAN.values()),
    reason="Bazel as Debian 12 has it is not installed",
)
def test_the_documented_form_builds_with_bazel(tmp_path: Path) -> None:
    """The host runs on the Python that was chosen, which the rule asked holdfast for."""
    python = [p for p in usable() if p.build.loader is None and p.build.library is not None][-1]
    project = shutil.copytree(PROJECT, tmp_path / "project")
    host = (project / "host.cpp").read_text(encoding="utf-8")
    said = host.replace("print('hello'", "import sys; print('hello', sys.base_prefix")
    (project / "host.cpp").write_text(said, encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "holdfast").write_text(
        f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}/src" exec "{sys.executable}" -m pyholdfast "$@"\n',
        encoding="utf-8",
    )
    (programs / "holdfast").chmod(0o755)
    environ = environment_for(python) | {
        "HOLDFAST_PYTHON": str(python.path),
        "PATH": f"{programs}:{os.defpath}",  # its sandbox hides the folder of the tests' compilers
    }
    # A batch leaves no server behind
    words = [str(BAZEL), "--batch", f"--output_user_root={tmp_path / 'out'}", "run"]
    words += [*_overrides(tmp_path / "rules_cc"), "//:host"]
    done = run_command(words, environ=environ, deadline_s=LIMIT_S, cwd=project)

    assert done.code == 0, done.explain()
    assert f"hello {python.build.base_prefix}\n" in done.out, done.explain()


def test_the_page_shows_what_is_tested() -> None:
    """The page and the tested project are the same, line for line."""
    page = PAGE.read_text(encoding="utf-8")

    for name in ("holdfast.bzl", "WORKSPACE", "BUILD.bazel", ".bazelrc", "host.cpp"):
        assert (PROJECT / name).read_text(encoding="utf-8").strip() in page, name
