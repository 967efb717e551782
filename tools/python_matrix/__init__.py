"""Provides the CPythons of the test matrix that a machine does not have.

The recipes are `source_build` and `debian_tree` (with `tree_relocation`). `apt` gets packages from
the archive that `apt_sources` finds, `catalog` has the names and folders, and `steps` runs
commands.
"""
