"""What a Python module says about itself, read without running it.

`sources` finds and parses files, `scope` knows what their names mean, `resolve` turns an
expression of a hint into a type, `classes` and `functions` read declarations, `read` puts a
module together.
"""
