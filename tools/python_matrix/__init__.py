"""Provides the CPythons of the test matrix that a machine does not have.

Top down: `source_build` and `debian_tree` (with `tree_relocation`) are the
recipes, `apt` gets packages from the archive that `apt_sources` finds,
`catalog` knows names and folders, and `steps` runs commands.
"""
