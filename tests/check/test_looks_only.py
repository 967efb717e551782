"""A check looks: options of a compilation database that write files or start programs are left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyholdfast.check.commands import from_database
from pyholdfast.cli import main

# Each would leave a file called left, or load one called evil.
ACTING = (
    "-MD -MF left",
    "-MMD -MFleft -MT x -MQ y",
    "-MJ left",
    "-MJleft",
    "-Wp,-MD,left",
    "-Wp,-MMD,left",
    "--serialize-diagnostics left",
    "--serialize-diagnostics=left",
    "-save-temps -save-temps=obj --save-temps",
    "-ftime-trace -ftime-trace=left",
    "--coverage -coverage -fprofile-arcs -ftest-coverage",
    "-fprofile-generate=left -fprofile-instr-generate=left",
    "-fstack-usage -gsplit-dwarf -fsave-optimization-record -fdump-tree-all",
    "-fmodules -fmodules-cache-path=left",
    "-index-store-path left",
    "-o left",
    "-oleft",
    "-S -E -c -M",
    "-fplugin=evil",
    "-fpass-plugin=evil",
    "-Xclang -load -Xclang evil",
    "-Xclang -dependency-file -Xclang left",
    "-Xclang -serialize-diagnostic-file -Xclang left",
    "-fcrash-diagnostics-dir=left",
)
KEPT = ("-std=c++17", "-DNAME=1", "-Wp,-DOTHER", "-fno-exceptions", "-Xclang", "-fno-pch-timestamp")


def database(folder: Path, options: str) -> Path:
    """With one file."""
    source = folder / "a.cpp"
    source.write_text("#ifdef NAME\nint main() {}\n#endif\n")
    words = ["c++", *KEPT, *options.split(), "-c", "a.cpp"]
    entry = {"directory": str(folder), "file": "a.cpp", "arguments": words}
    path = folder / "compile_commands.json"
    path.write_text(json.dumps([entry]))
    return path


@pytest.mark.parametrize("options", ACTING)
def test_an_option_that_acts_is_left_out(options: str, tmp_path: Path) -> None:
    """And what says how the source reads stays."""
    (command,) = from_database(database(tmp_path, options), [])
    kept = [option for option in command.options if option != "-fmodules"]

    assert kept == [
        "-std=c++17",
        "-DNAME=1",
        "-DOTHER",
        "-fno-exceptions",
        "-Xclang",
        "-fno-pch-timestamp",
    ]


def test_a_check_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, by clang-tidy itself."""
    pytest.importorskip("clang_tidy")
    database(tmp_path, " ".join(ACTING))
    monkeypatch.chdir(tmp_path)
    main(["check", "-p", "."])

    assert {path.name for path in tmp_path.iterdir()} == {"a.cpp", "compile_commands.json"}
