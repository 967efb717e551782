"""Downloads Debian packages that this machine lacks, and unpacks them in the cache of the tests.

It needs no root: apt verifies the downloads by the archive's signature, and nothing is installed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from compiled_files import CACHE
from harness import run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pkg_config_environment", "unpacked"]

LIMIT_S = 120.0


def unpacked(name: str, packages: Sequence[str]) -> Path | None:
    """A folder with the files of `packages`; None if they are unavailable.

    Args:
        name: of the folder; it is made once.
        packages: with all that they need and a machine may lack.
    """
    root = CACHE / "unpacked" / name
    if root.is_dir():
        return root
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as place:
        folder = Path(place)
        got = run_command(
            ["apt-get", "download", "-o", "APT::Sandbox::User=root", *packages],
            cwd=folder,
            deadline_s=LIMIT_S,
        )
        if got.code != 0:
            return None
        out = folder / "root"
        for package in sorted(folder.glob("*.deb")):
            run_command(["dpkg-deb", "-x", str(package), str(out)], deadline_s=LIMIT_S)
        try:
            out.rename(root)
        except OSError:
            assert root.is_dir()  # another process was faster
    return root


def pkg_config_environment(root: Path) -> dict[str, str]:
    """Variables that let pkg-config, linker and loader find the files in an unpacked folder."""

    def folders_of(pattern: str) -> str:
        return ":".join(dict.fromkeys(str(path.parent) for path in sorted(root.rglob(pattern))))

    return {
        "PKG_CONFIG_LIBDIR": folders_of("*.pc"),
        "PKG_CONFIG_SYSROOT_DIR": str(root),
        "LD_LIBRARY_PATH": folders_of("lib*.so*"),  # a library of theirs may need another
    }
