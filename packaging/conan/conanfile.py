"""Conan 2 recipe: holdfast's headers, its CMake package and its `holdfast` command, from a checkout.

``conan create packaging/conan``; a consumer then calls ``find_package(holdfast)``.
"""

import re
from pathlib import Path

from conan import ConanFile
from conan.tools.files import copy
from conan.tools.layout import basic_layout

CHECKOUT = Path(__file__).resolve().parents[2]


class HoldfastConan(ConanFile):
    """The package is the folder ``pyholdfast``, as a wheel has it."""

    name = "holdfast"
    description = "Run Python from the native threads of a C or C++ program"
    license = "BSD-3-Clause"
    topics = ("python", "embedding", "threads", "gil", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def set_version(self) -> None:
        """The header has it."""
        text = Path(
            self.recipe_folder,
            "..",
            "..",
            "src",
            "pyholdfast",
            "include",
            "holdfast",
            "version.hpp",
        ).read_text(encoding="utf-8")
        parts = re.findall(r"#define HOLDFAST_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text)
        self.version = ".".join(parts)

    def export_sources(self) -> None:
        """What a wheel has, and the licence."""
        copy(self, "LICENSE", CHECKOUT, self.export_sources_folder)
        copy(
            self, "pyholdfast/*", CHECKOUT / "src", self.export_sources_folder,
            excludes="*__pycache__*",
        )  # fmt: skip

    def layout(self) -> None:
        """Nothing is built."""
        basic_layout(self, src_folder=".")

    def package_id(self) -> None:
        """Headers are the same for all settings."""
        self.info.clear()

    def package(self) -> None:
        """Copy it."""
        copy(self, "LICENSE", self.source_folder, str(Path(self.package_folder, "licenses")))
        copy(self, "pyholdfast/*", self.source_folder, self.package_folder)

    def package_info(self) -> None:
        """CMake finds our own package: it also finds the Python, and has the functions."""
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.includedirs = ["pyholdfast/include"]
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["pyholdfast/share/cmake/holdfast"]
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread", "dl"]
