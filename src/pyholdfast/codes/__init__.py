"""Every error code: its meaning, an example, and what to do.

`holdfast explain` and the docs print these texts. Each range of codes has a module of its own:

    HF100-HF139  toolchain   finding Python, compiling, the command line
    HF120-HF129, HF190-HF199  bundle  folders of `holdfast bundle`, made and examined
    HF140-HF189  demo, bench, doctor (including the codes of `holdfast new`)
    HF200-HF299  lifecycle   attach, start, finalize (raised by the C++ headers)
    HF243, HF260-HF269  c_interface  the C interface (raised by libholdfast)
    HF300-HF399  pools, isolated  executors and pools (raised by the C++ headers)
    HF400-HF499  calls       calling Python from C++ (raised by the C++ headers)
    HF500-HF519  bind        C++ headers from type hints (some raised by these headers), testing
    HF600-HF639  check       holdfast check
    HF640-HF659  migrate     holdfast migrate
    HF800-HF829  trace       recording what threads do, the watchdog, and counters
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pyholdfast.codes import (
    bench,
    bind,
    bundle,
    c_interface,
    calls,
    check,
    demo,
    doctor,
    isolated,
    lifecycle,
    migrate,
    pools,
    toolchain,
    trace,
)
from pyholdfast.codes.model import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODES", "Code"]

CODES: Mapping[str, Code] = MappingProxyType(
    {
        entry.code: entry
        for module in (
            toolchain,
            bundle,
            demo,
            bench,
            doctor,
            lifecycle,
            c_interface,
            pools,
            isolated,
            calls,
            bind,
            check,
            migrate,
            trace,
        )
        for entry in module.CODES
    }
)
