"""Files for CMake and pkg-config. A package, so that build systems can find it by name."""
