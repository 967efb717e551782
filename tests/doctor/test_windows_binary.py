"""Hosts for Windows, examined on any system: which DLLs they need, and whether these are there."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from doctor.support import doctor, the_finding
from pyholdfast.doctor.model import Finding, Verdict

MARKER = b"holdfast-built-for:030c01f0:g:r"


def pe(*needed: str, more: bytes = b"") -> bytes:
    """A program for 64-bit Windows that imports these DLLs and is otherwise empty."""
    at, section, size = 0x40, 0x1000, 0x1000
    entries = len(needed) * 20 + 20
    names, addresses = b"", []
    for name in needed:
        addresses.append(section + entries + len(names))
        names += name.encode() + b"\0"
    imports = b"".join(struct.pack("<12xII", address, 0) for address in addresses) + bytes(20)
    content = (imports + names + more).ljust(size, b"\0")
    tables = bytes(8) + struct.pack("<II", section, entries) + bytes(14 * 8)
    optional = (struct.pack("<H", 0x20B) + bytes(106) + struct.pack("<I", 16) + tables)[:240]
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", at)
    head += b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x22) + optional
    head += b".all\0\0\0\0" + struct.pack("<IIII", size, section, size, 0x400) + bytes(16)
    return head.ljust(0x400, b"\0") + content


def findings(folder: Path, **files: bytes) -> list[Finding]:
    """What the doctor says of ``host``, beside the other files."""
    for name, data in files.items():
        (folder / (f"{name}.exe" if name == "host" else f"{name}.dll")).write_bytes(data)
    return doctor(folder / "host.exe")[1]


def test_a_host_with_its_python_beside_it_is_green(tmp_path: Path) -> None:
    """Names of files have no case on Windows; Windows has its own DLLs."""
    found = findings(
        tmp_path, host=pe("KERNEL32.dll", "Python312.dll", more=MARKER), python312=pe()
    )

    assert [(f.code, f.verdict) for f in found] == [
        ("HF155", Verdict.GOOD),
        ("HF160", Verdict.GOOD),
    ]


def test_what_is_not_beside_it_is_named(tmp_path: Path) -> None:
    """And by which file it is needed: Python, through a library of the host's own."""
    found = findings(tmp_path, host=pe("own.dll"), own=pe("python312.dll", "b.dll", more=MARKER))

    assert the_finding(found, "HF155").evidence == (
        "b.dll, for own.dll",
        "python312.dll, for own.dll",
    )


@pytest.mark.parametrize(
    ("name", "code"), [("python313", "HF160"), ("python312t", "HF161"), ("python312_d", "HF178")]
)
def test_another_python_than_that_of_the_headers(tmp_path: Path, name: str, code: str) -> None:
    """Its name says which one it is."""
    found = findings(tmp_path, host=pe(f"{name}.dll", more=MARKER), **{name: pe()})

    assert the_finding(found, code).verdict is Verdict.BAD


def test_a_host_without_python(tmp_path: Path) -> None:
    """A program in C finds its Python when it starts; of others there is nothing to say."""
    (found,) = findings(tmp_path, host=pe("KERNEL32.dll"))
    assert found.verdict is Verdict.SKIPPED
    (found,) = findings(tmp_path, host=pe("KERNEL32.dll", more=b"holdfast_backend_v1"))
    assert found.verdict is Verdict.GOOD


def test_an_extension_module(tmp_path: Path) -> None:
    """Python loads it, so that Python's DLLs need not be beside it; its own must. Both must fit."""
    module = tmp_path / "fast.pyd"
    module.write_bytes(pe("python312.dll", "VCRUNTIME140.dll", "blas.dll", more=MARKER))
    found = doctor(module)[1]
    module.write_bytes(pe("python313.dll", more=MARKER))
    other = doctor(module)[1]

    assert the_finding(other, "HF160").verdict is Verdict.BAD
    assert the_finding(found, "HF155").evidence == ("blas.dll, for fast.pyd",)
    assert "HF158" in {f.code for f in found if f.verdict is Verdict.GOOD}
