"""The queries about std::function: what is put into one, where it goes from there, where it is called.

A lambda may be given to a parameter, be moved from there into a member or a container, and be called
from a local variable: each step is a query of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import HERE, USER

__all__ = ["stored"]

_CLASSES = 'cxxRecordDecl(hasAnyName("::std::function", "::std::move_only_function"))'
_MADE = f"cxxMethodDecl(ofClass({_CLASSES}))"
_PUTS = 'hasAnyName("push_back", "emplace_back", "push", "emplace", "push_front", "insert", "insert_or_assign")'
_TAKES = 'hasAnyName("at", "front", "back", "top", "value")'
_LAMBDA = f'lambdaExpr({HERE}).bind("a_fn")'


def stored(by: str) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    named = (
        'memberExpr(member(fieldDecl().bind("b_callee"))), '
        'declRefExpr(to(varDecl().bind("b_callee")))'
    )
    plain = f"expr(ignoringParenImpCasts(anyOf({named})))"
    # An element of a container counts as the container.
    held = (
        f"expr(ignoringParenImpCasts(anyOf({named}, "
        f'cxxOperatorCallExpr(hasOverloadedOperatorName("[]"), hasArgument(0, {plain})), '
        f"cxxMemberCallExpr(callee(cxxMethodDecl({_TAKES})), on({plain})))))"
    )
    assigned = (
        f'cxxOperatorCallExpr({USER}, hasOverloadedOperatorName("="), callee({_MADE}), '
        f"hasArgument(0, {held}), {by}"
    )
    put = f"cxxMemberCallExpr({USER}, callee(cxxMethodDecl({_PUTS})), on({plain}), {by}"
    yield (
        "storedcall",
        (
            f'cxxOperatorCallExpr({USER}, hasOverloadedOperatorName("()"), callee({_MADE}), '
            f'hasArgument(0, {held}), {by}).bind("a_call")'
        ),
    )
    inside = f"forEachDescendant({_LAMBDA})"
    yield "storedlambda-assigned", f'{assigned}, {inside}).bind("d_call")'
    yield "storedlambda-put", f'{put}, {inside}).bind("d_call")'
    yield (
        "storedlambda-made",
        (
            f"declStmt({USER}, {by}, forEach(varDecl(hasType({_CLASSES}), {inside})"
            '.bind("b_callee"))).bind("d_call")'
        ),
    )
    yield from _given(by)
    to_assigned, to_put = (text.replace("b_callee", "e_to") for text in (assigned, put))
    yield from _moved(by, to_assigned, to_put, plain.replace("b_callee", "b_from"))


def _of_parameter() -> str:
    of = f"qualType(anyOf(hasDeclaration({_CLASSES}), references(qualType(hasDeclaration({_CLASSES})))))"
    return f"hasType({of})"


def _given(by: str) -> Iterable[tuple[str, str]]:
    """Lambdas that are given to a parameter."""
    parameter = f'parmVarDecl({_of_parameter()}).bind("b_callee")'
    lambda_ = f"expr(anyOf({_LAMBDA}, hasDescendant({_LAMBDA})))"
    for name, call, callee in (
        ("call", "callExpr", 'callee(functionDecl().bind("e_to"))'),
        ("construct", "cxxConstructExpr", 'hasDeclaration(cxxConstructorDecl().bind("e_to"))'),
    ):
        yield (
            f"storedgiven-{name}",
            (
                f"{call}({USER}, {callee}, {by}, forEachArgumentWithParam({lambda_}, {parameter}))"
                '.bind("d_call")'
            ),
        )


def _moved(by: str, assigned: str, put: str, source: str) -> Iterable[tuple[str, str]]:
    """Where what a parameter, a member or a container has goes: from `b_from` to `e_to`."""
    parameter = f'declRefExpr(to(parmVarDecl({_of_parameter()}).bind("b_from")))'
    yield "storedmove-assigned", f'{assigned}, hasDescendant({parameter})).bind("a_call")'
    yield (
        "storedmove-put",
        (
            f"{put}, hasAnyArgument(expr(anyOf({parameter}, hasDescendant({parameter})))))"
            '.bind("a_call")'
        ),
    )
    named = f'{parameter}.bind("a_call")'
    yield (
        "storedmove-initialised",
        (
            f"cxxConstructorDecl({USER}, isDefinition(), forEachConstructorInitializer("
            'cxxCtorInitializer(forField(fieldDecl().bind("e_to")), withInitializer('
            f'expr(anyOf({named}, hasDescendant({named}))))))).bind("c_by")'
        ),
    )
    yield (
        "storedmove-each",
        (
            f"cxxForRangeStmt({USER}, {by}, hasLoopVariable(varDecl({_of_parameter()})"
            f'.bind("e_to")), hasRangeInit({source})).bind("a_call")'
        ),
    )
    member = 'memberExpr(member(fieldDecl().bind("b_from")))'
    yield (
        "storedmove-taken",
        (
            f"declStmt({USER}, {by}, forEach(varDecl(hasType({_CLASSES}), hasInitializer("
            f'hasDescendant({member}))).bind("e_to"))).bind("a_call")'
        ),
    )
