"""From a Python to a running host: probe it, compute the flags, compile.

Modules: `elf` reads binaries, `probe` asks an interpreter how it was built, `flags` turns the
answer into options, `compiler` finds a compiler, `compile` and `runtime` run it, and `cache` stores
answers and programs.
"""
