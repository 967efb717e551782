"""Recognises lambdas that are called by the template they were passed to.

A template is read once, whatever it is instantiated with: for a call of its parameter, clang-tidy
reports one lambda, from one of its users.
"""

from __future__ import annotations

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function
from pyholdfast.check.tokens import read_source

__all__ = ["is_passed"]


def is_passed(callee: Function, caller: Function) -> bool:
    """Whether a lambda is defined outside the function that calls it."""
    if callee.name != "(lambda)":
        return False
    source = read_source(caller.body.file)
    numbers = source.within(caller.body.line, caller.body.column)
    if numbers is None:
        return False
    last = source.tokens[numbers.stop]
    end = Place(caller.body.file, last.line, last.column)
    return callee.body.file != caller.body.file or not caller.body < callee.body < end
