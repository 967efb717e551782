"""Whatever a worker process sends, the host reads it within its bounds, or refuses it.

worker_bytes.cpp is a libFuzzer target: clang, with its sanitizers, finds reads beyond the end.
"""

from __future__ import annotations

import io
import pickle
import random
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from fuzz.test_fuzz import GRACE_S, HERE, SECONDS
from harness import environment_for, run_command
from matrix import default_python
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from pathlib import Path

FROM_PICKLE, FROM_SOCKET, FROM_RING = b"\0", b"\1", b"\2"
RESULT, RAISED = 1, 2
VALUES = (
    None, True, 5, -1 << 40, 1.5, "text", b"bytes", [1.0] * 20, [[1, 2], [3]], {"a": 1}, (1, "x"), {1, 2},
    frozenset("a"), ("KeyError", "message", "traceback", -1),
)  # fmt: skip
TAGS = (
    "array",
    "record",
    "enum",
    "datetime",
    "complex",
    "decimal",
    "keys",
    "other",
    "uuid",
    "path",
)

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("clang++") is None, reason="clang++ is not installed"),
]


def pickled(value: object) -> bytes:
    """As a worker writes it: without references to earlier values."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, 5)
    pickler.fast = True
    pickler.dump(value)
    return out.getvalue()


def tagged(tag: str) -> bytes:
    """A pickle of a tag with plain values."""
    given = b"\x8c\x01d\x8c\x01dK\x08K\x02\x85C\x10" + bytes(16) if tag == "array" else b"K\1K\2K\3"
    names = b"".join(
        b"\x8c" + bytes([len(name)]) + name.encode() for name in ("holdfast_worker", tag)
    )
    return b"\x80\5" + names + b"\x93(" + given + b"tR."


def corpus(folder: Path) -> Path:
    """Messages that a worker of ours sends."""
    folder.mkdir()
    messages = [(RAISED if value is VALUES[-1] else RESULT, pickled(value)) for value in VALUES]
    messages += [(RESULT, tagged(tag)) for tag in TAGS]
    for number, (kind, body) in enumerate(messages):
        size = (len(body) + 31) & ~15
        head = struct.pack("=IIII", len(body), kind, 1, 0)
        packet = struct.pack("<IBBHHHQ", 1, kind, 0, 0, 0, 0, len(body)) + body
        ring = struct.pack("=I", size) + head + body + bytes(size - 16 - len(body))
        for at, whole in ((FROM_PICKLE, body), (FROM_SOCKET, packet), (FROM_RING, ring)):
            (folder / f"{number}-{at[0]}").write_bytes(at + whole)
    return folder


def test_the_reader_of_workers_survives_any_bytes(tmp_path: Path) -> None:
    """Starting with messages of each kind and type."""
    python = default_python()
    flags = flags_for(python.build)
    program = tmp_path / "worker_bytes"
    sanitizers = ("-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined")
    command = [
        "clang++", "-g1", "-O1", *sanitizers, *flags.cflags, str(HERE / "worker_bytes.cpp"),
        *flags.ldflags, *flags.libs, "-o", str(program),
    ]  # fmt: skip
    built = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if "fuzzer" in built.stderr and "error:" not in built.stderr.replace("linker command", ""):
        pytest.skip("clang++ has no libFuzzer")
    assert built.returncode == 0, built.stderr

    seed = random.SystemRandom().randrange(1, 2**31)
    limits = [f"-max_total_time={SECONDS}", "-rss_limit_mb=2000", "-max_len=4096", "-timeout=20"]
    outcome = run_command(
        [str(program), *limits, f"-seed={seed}", f"-artifact_prefix={tmp_path}/",
         str(corpus(tmp_path / "corpus"))],
        environ=environment_for(python),
        deadline_s=SECONDS + GRACE_S,
        promise=f"worker_bytes -seed={seed}",
    )  # fmt: skip

    assert outcome.code == 0, outcome.explain()
