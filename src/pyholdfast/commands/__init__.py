"""The commands of the ``holdfast`` program, one module each.

A module's docstring is its ``--help`` text. Layer 8 (commands). May import anything below, but
no other command; what two of them need lies in `common`.
"""
