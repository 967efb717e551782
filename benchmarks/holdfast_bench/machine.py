"""One line about the machine, to be quoted with every number."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyholdfast.toolchain.compiler import Compiler

__all__ = ["cores", "describe"]


def describe(compiler: Compiler, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Processor, cores, kernel and compiler; no name of the machine.

    Raises:
        ToolchainError: HF108 if the compiler does not run.
    """
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    processor = named.group(1).strip() if named else platform.processor() or platform.machine()
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
    # The system calls of a new thread state are dearer there; every ratio depends on it.
    virtual = flags is not None and "hypervisor" in flags.group(1).split()
    # Without what a distribution or a cloud appends.
    release = re.split(r"[^\d.]", platform.release())[0]
    return ", ".join(
        [
            " ".join(processor.split()),
            f"{cores()} cores",
            *(["virtual machine"] if virtual else []),
            f"{platform.system()} {release}",
            compiler.version(),
        ]
    )


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
