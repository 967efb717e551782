"""The folder that CMake knows as ``holdfast_ROOT``."""
