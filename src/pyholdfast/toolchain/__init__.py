"""From a Python to a running host: ask it, work out the flags, compile.

Modules: `elf` reads binaries, `probe` asks an interpreter how it was built, `flags` turns
the answer into options, `compile` runs a compiler, `cache` remembers what need not be done
twice.
"""
