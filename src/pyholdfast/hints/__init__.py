"""Reads what a Python module declares, without running it.

`sources` finds and parses files, `scope` and `lookup` resolve names, `resolve` turns the expression
of a hint into a type, `classes`, `records` and `functions` read declarations, and `read` combines
them into a module.
"""
