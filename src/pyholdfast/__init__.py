"""Run Python from the native threads of a C or C++ program.

The runtime is a C++ header, ``holdfast/holdfast.hpp``. This package contains it, finds a Python to
build against, and provides the ``holdfast`` command. Build systems written in Python can ask it
where its files are.
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


# pybind11 and nanobind spell these differently; both spellings work.
include_dir = get_include
cmake_dir = get_cmake_dir


def __getattr__(name: str) -> str:
    """Read ``__version__`` from the header when it is requested."""
    if name == "__version__":
        return paths.version()
    message = f"module 'pyholdfast' has no attribute {name!r}"
    raise AttributeError(message)
