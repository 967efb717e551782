"""Makes a folder that has a program, its Python and all their libraries.

Modules: `target` asks the Python; `standard_library`, `packages`, `own_modules` and `interpreter` copy
its parts, `libraries` the shared libraries that `binaries` need, and `licences` the texts; `tools` runs
patchelf and strip, `manifest` lists the files, `place` puts the folder where it belongs, and `assemble`
calls them all. For programs of Windows `windows` does; `windows_libraries` copies the DLLs that `dlls` need.
"""
