"""The programs and DLLs in a folder, and which DLLs they find on every Windows."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_of_windows", "pe_files_in"]

SUFFIXES = (".exe", ".dll", ".pyd")
# Not the runtimes of Visual C++: a machine has those only if another program has brought them.
OF_WINDOWS = re.compile(
    r"(api-ms-|ext-ms-).*|(advapi32|avrt|bcrypt|bcryptprimitives|cabinet|cfgmgr32|combase|comctl32"
    r"|comdlg32|credui|crypt32|cryptbase|d2d1|d3d\d+|dbghelp|dcomp|dnsapi|dsound|dwmapi|dwrite|dxgi"
    r"|dxva2|evr|fwpuclnt|gdi32|gdiplus|glu32|hid|imagehlp|imm32|iphlpapi|kernel32|kernelbase|mf"
    r"|mfplat|mfreadwrite|mpr|msacm32|msi|msimg32|msvcrt|msvfw32|mswsock|ncrypt|netapi32|ntdll"
    r"|odbc32|ole32|oleacc|oleaut32|opengl32|pathcch|pdh|powrprof|propsys|psapi|rpcrt4|sechost"
    r"|secur32|setupapi|shcore|shell32|shlwapi|srvcli|ucrtbase|user32|userenv|usp10|uxtheme|version"
    r"|webauthn|wer|wevtapi|winhttp|wininet|winmm|winscard|wintrust|wldap32|ws2_32|wsock32"
    r"|wtsapi32|xinput1_4)\.dll|winspool\.drv",
    re.IGNORECASE,
)


def is_of_windows(name: str) -> bool:
    """Whether every Windows 10 has the DLL.

    >>> is_of_windows("KERNEL32.dll"), is_of_windows("VCRUNTIME140.dll"), is_of_windows("foo.dll")
    (True, False, False)
    """
    return OF_WINDOWS.fullmatch(name) is not None


def pe_files_in(folder: Path) -> Iterator[Path]:
    """All programs, libraries and extension modules in a folder."""
    for at, _, files in os.walk(folder):
        yield from (Path(at, name) for name in sorted(files) if name.lower().endswith(SUFFIXES))
