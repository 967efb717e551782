"""Files for CMake."""
