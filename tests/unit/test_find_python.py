"""Which Python is chosen; a wrong name is never silently replaced."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pyholdfast.errors import FindingError
from pyholdfast.find_python import find_python

if TYPE_CHECKING:
    from pathlib import Path


def make_python(folder: Path) -> Path:
    """An environment with the one file that matters here: bin/python."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return python


def test_the_order_is_option_variable_environment_neighbour(tmp_path: Path) -> None:
    """Each source is used only if the ones before it name nothing."""
    names = ("option", "variable", "venv", "conda", "project/.venv")
    option, variable, venv, conda, neighbour = (make_python(tmp_path / name) for name in names)
    environ = {
        "HOLDFAST_PYTHON": str(variable),
        "VIRTUAL_ENV": str(venv.parents[1]),
        "CONDA_PREFIX": str(conda.parents[1]),
    }
    start = tmp_path / "project" / "src" / "deep"
    found = [find_python(str(option), environ=environ, start=start)]
    for name in list(environ):
        found.append(find_python(None, environ=environ, start=start))
        del environ[name]
    found.append(find_python(None, environ=environ, start=start))
    found.append(find_python(None, environ=environ, start=tmp_path))

    assert [(f.path, f.why) for f in found[:4]] == [
        (option, "--python"),
        (variable, "HOLDFAST_PYTHON"),
        (venv, "VIRTUAL_ENV"),
        (conda, "CONDA_PREFIX"),
    ]
    assert found[4].path == neighbour
    assert found[4].why.endswith(".venv")
    assert str(found[5].path) == sys.executable


def test_a_name_is_looked_up_on_path(tmp_path: Path) -> None:
    """--python python3.12 means the same as in the shell."""
    python = make_python(tmp_path)

    assert find_python("python", environ={"PATH": str(python.parent)}).path == python


def test_a_link_is_not_resolved(tmp_path: Path) -> None:
    """An environment's python is a link; its target does not know the environment."""
    link = tmp_path / "venv-python"
    link.symlink_to(make_python(tmp_path / "base"))

    assert find_python(str(link), environ={}).path == link


def test_a_folder_is_refused_with_the_interpreter_inside(tmp_path: Path) -> None:
    """HF102 names the file to pass instead."""
    python = make_python(tmp_path / ".venv")

    with pytest.raises(FindingError) as caught:
        find_python(str(tmp_path / ".venv"), environ={})

    assert caught.value.code == "HF102"
    assert str(python) in caught.value.remedy


@pytest.mark.parametrize(
    ("explicit", "environ"),
    [
        ("/no/such/python", {}),
        ("no-such-python", {"PATH": "/nowhere"}),
        (None, {"HOLDFAST_PYTHON": "/no/such/python"}),
        (None, {"VIRTUAL_ENV": "/no/such/python"}),
        (None, {"CONDA_PREFIX": "/no/such/python"}),
    ],
)
def test_what_is_named_and_missing_is_an_error(
    explicit: str | None, environ: dict[str, str], tmp_path: Path
) -> None:
    """HF103: using another Python would hide the mistake."""
    make_python(tmp_path / ".venv")

    with pytest.raises(FindingError, match="such") as caught:
        find_python(explicit, environ=environ, start=tmp_path)

    assert caught.value.code == "HF103"
