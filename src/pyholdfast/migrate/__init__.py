"""Rewrites manual pairs as guards: `holdfast migrate`.

`pyholdfast.check` determines what is a pair; this package decides whether it can be rewritten, and
writes it. Nothing is rewritten unless the check proves it to be one pair.
"""
