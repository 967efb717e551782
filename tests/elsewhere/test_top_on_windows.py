"""`holdfast top` on Windows: a host and the command under wine, in one sandbox."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from compiled_files import CACHE, compile_object, link, store_at
from elsewhere.targets import target
from platform_recipes.wine import wine_command
from pyholdfast import paths
from pyholdfast.toolchain.prebuilt_runtime import COMPILED

VERSION = "3.12"
DEADLINE_S = 400
HOST = """\
#include <cstdio>

#include <holdfast/holdfast.hpp>

int main() {
    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    std::puts("ready");
    std::fflush(stdout);
    std::getchar();
}
"""
WATCHER = r"""
import os, subprocess, sys
sys.stdout.reconfigure(encoding="utf-8", newline="\n")

def host():
    counting = {**os.environ, "HOLDFAST_COUNTERS": "1"}
    pipe = subprocess.PIPE
    started = subprocess.Popen(["W:\\host.exe"], stdin=pipe, stdout=pipe, env=counting)
    assert started.stdout.readline().strip() == b"ready"
    return started, os.path.join(os.environ["TEMP"], f"holdfast-{started.pid}")

def top(*words):
    done = subprocess.run(
        [sys.executable, "-m", "pyholdfast", "top", *words], capture_output=True, encoding="utf-8"
    )
    print(done.returncode, done.stdout, done.stderr)

alive, page = host()
top(str(alive.pid), "--once")
top("--prometheus")
alive.communicate(b"\n")
print("after the end", alive.returncode, os.path.exists(page))
killed, page = host()
killed.kill()
killed.wait()
print("after a kill", os.path.exists(page))
top(str(killed.pid))
print("after top", os.path.exists(page))
"""


def _host(folder: Path) -> Path:
    where = target(f"windows-{VERSION}")
    options = [*where.compiling, COMPILED, f'-DHOLDFAST_DEFAULT_PYTHON="{where.home_python}"']
    source = folder / "host.cpp"
    source.write_text(HOST, encoding="utf-8")
    bodies = paths.include_dir() / "holdfast" / "compiled.cpp"
    objects = [compile_object(where.compiler, file, options) for file in (source, bodies)]
    linking = [*map(str, objects), *where.linking]
    return link(where.compiler, linking, "host.exe", objects, store_at(CACHE))


def test_a_host_is_watched_and_its_page_removed(tmp_path: Path) -> None:
    """By its number, and as the only host; at its end the page goes, and a killed host's by top."""
    host = _host(tmp_path)
    installation = Path(target(f"windows-{VERSION}").headers).parents[2]
    state = tmp_path / "state"
    state.mkdir()
    command = wine_command(
        installation, state, installation / "pythons" / VERSION / "python.exe", ["W:\\watcher.py"],
        python=VERSION, variables={"PYTHONPATH": "W:\\src", "PYTHONUTF8": "1"},
    )  # fmt: skip
    work = state / "work"
    package = Path(paths.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "include")
    shutil.copytree(package, work / "src" / "pyholdfast", ignore=ignored)
    shutil.copy(host, work)
    (work / "watcher.py").write_text(WATCHER, encoding="utf-8")
    done = subprocess.run(command, input=b"", capture_output=True, timeout=DEADLINE_S, check=False)
    said = done.stdout.decode().replace("\r\n", "\n")

    assert done.returncode == 0, done.stderr.decode(errors="replace")
    looked, rest = said.split("holdfast_threads_waiting 0", 1)
    assert "1 thread: " in looked, said
    assert "holdfast_threads_attached 1" in looked + rest, said
    assert "after the end 0 False\n" in rest, said
    assert "after a kill True\n" in rest, said
    assert "HF822 there is no process" in rest, said
    assert "after top False\n" in rest, said
