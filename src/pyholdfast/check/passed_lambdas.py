"""Lambdas that are called where they were passed to.

A template is read once, whatever it is instantiated with: of a call of its parameter, clang-tidy
names one lambda, that of one user.
"""

from __future__ import annotations

from pyholdfast.check.diagnostics import Place
from pyholdfast.check.facts import Function
from pyholdfast.check.tokens import read_source

__all__ = ["is_passed"]


def is_passed(callee: Function, caller: Function) -> bool:
    """Whether a lambda comes from outside of the function that calls it."""
    if callee.name != "(lambda)":
        return False
    source = read_source(caller.body.file)
    opening = source.at(caller.body.line, caller.body.column)
    if opening is None:
        return False
    last = source.tokens[source.closing(opening)]
    end = Place(caller.body.file, last.line, last.column)
    return callee.body.file != caller.body.file or not caller.body < callee.body < end
