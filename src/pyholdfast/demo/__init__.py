"""The demo: a host in C++ and its Python module, made to be read."""
