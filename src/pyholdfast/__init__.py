"""Run Python from the native threads of a C or C++ program.

The runtime is a header, ``holdfast/holdfast.hpp``; this package carries it, finds a Python to
build it against, and holds the ``holdfast`` command. Build systems written in Python ask here
where the files are.
"""

from __future__ import annotations

from pyholdfast import paths

__all__ = [
    "__version__",
    "cmake_dir",
    "get_cmake_dir",
    "get_include",
    "get_pkgconfig_dir",
    "include_dir",
]

__version__: str


def get_include() -> str:
    """The folder for ``-I``."""
    return str(paths.include_dir())


def get_cmake_dir() -> str:
    """The folder for ``-Dholdfast_ROOT=``."""
    return str(paths.cmake_dir())


def get_pkgconfig_dir() -> str:
    """The folder for ``PKG_CONFIG_PATH``."""
    return str(paths.pkgconfig_dir())


# The two packages whose users come here spell these differently; both spellings work.
include_dir = get_include
cmake_dir = get_cmake_dir


def __getattr__(name: str) -> str:
    """``__version__``, read from the header when it is asked for."""
    if name == "__version__":
        return paths.version()
    message = f"module 'pyholdfast' has no attribute {name!r}"
    raise AttributeError(message)
