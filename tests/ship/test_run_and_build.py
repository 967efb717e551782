"""A built program finds the modules that `holdfast run` finds, and a moved one still does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import environment_for, run_command, run_holdfast
from matrix import MatrixPython
from ship.support import one_python

HOSTS = {
    "host.cpp": """\
        #include <holdfast/holdfast.hpp>
        #include <cstdio>
        int main() {
            try {
                holdfast::isolated_config config;
                config.workers = 1;
                holdfast::isolated_executor workers(config);
                const holdfast::function<std::string()> where{"beside", "where"};
                const std::string worker = workers.call(where);
                holdfast::interpreter python;
                std::printf("%s %s", where().c_str(), worker.c_str());
            } catch (const std::exception &problem) {
                std::puts(problem.what());
            }
        }
        """,
    "host.c": """\
        #include <holdfast/holdfast.h>
        #include <stdio.h>
        int main(void) {
            hf_interpreter *python;
            hf_value text;
            if (hf_start(NULL, &python) || hf_exec("import beside, os") ||
                hf_eval("beside.where() + ' ' + beside.where()", &text))
                return puts(hf_last_message()), 1;
            printf("%.*s", (int)text.as.text.size, text.as.text.data);
            hf_value_clear(&text);
            return hf_finalize(python, -1, NULL);
        }
        """,
}
BESIDE = """\
import sys

def where() -> str:
    folder = __file__.rpartition("/")[0]
    return f"{folder} {sys.path.count(folder)}"
"""


@pytest.fixture(scope="module")
def python() -> MatrixPython:
    """One is enough."""
    return one_python()


@pytest.mark.ci
@pytest.mark.parametrize("name", ["one place", "one: place"])
@pytest.mark.parametrize("source", HOSTS)
def test_run_and_build_find_the_same_modules(
    python: MatrixPython, tmp_path: Path, source: str, name: str
) -> None:
    """In the host and in its worker processes, once each, and from any folder."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / source).write_text(HOSTS[source])
    (folder / "beside.py").write_text(BESIDE)
    expected = f"{folder} 1 {folder} 1"

    ran = run_holdfast("run", "--python", python.path, folder / source, cwd=tmp_path)
    built = run_holdfast("build", "--python", python.path, folder / source, "-o", tmp_path / "out")
    assert built.code == 0, built.explain()
    shutil.move(tmp_path / "out", tmp_path / "moved")
    started = run_command(
        [str(tmp_path / "moved")], environ=environment_for(python), deadline_s=60, cwd=Path("/")
    )

    assert ran.out == expected, ran.explain()
    assert started.out == expected, started.explain()
