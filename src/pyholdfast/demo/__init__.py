"""The demo's host in C++ and its Python module, written to be read."""
