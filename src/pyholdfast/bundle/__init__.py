"""Makes a folder that has a program, its Python and all their libraries.

Modules: `target` asks the Python; `standard_library`, `packages` and `own_modules` copy Python code,
`interpreter` the interpreter,
`libraries` the shared libraries that `binaries` need, `licences` the texts; `tools` runs patchelf and
strip, `manifest` lists the files, and `assemble` calls them all.
"""
