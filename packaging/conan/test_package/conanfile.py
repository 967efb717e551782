"""Builds and runs a host with the package."""

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class TestPackage(ConanFile):
    """find_package(), compile, run."""

    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain"

    def requirements(self) -> None:
        """The package under test."""
        self.requires(self.tested_reference_str)

    def layout(self) -> None:
        """CMake's."""
        cmake_layout(self)

    def build(self) -> None:
        """Configure and compile."""
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self) -> None:
        """It prints a line from Python."""
        if can_run(self):
            self.run(f"{self.cpp.build.bindir}/host", env="conanrun")
