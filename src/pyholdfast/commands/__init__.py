"""The commands of the ``holdfast`` program, one module each.

A module's docstring is its ``--help`` text.
"""
