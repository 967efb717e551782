"""The queries about exceptions: what throws, and which calls may throw into a handler."""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import USER

__all__ = ["throws"]

# These throw only if memory is short, or never, or their exceptions are handled as the others are.
_QUIET = 'matchesName("^::(std|__gnu_cxx|Q[A-Z][A-Za-z0-9]*|q[A-Z][A-Za-z0-9]*)(::|$)")'


def throws(by: str) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    throwing = f"functionDecl(unless(isExternC()), unless(isNoThrow()), unless({_QUIET}))"
    yield (
        "throw",
        f'cxxThrowExpr({USER}, unless(hasAncestor(cxxTryStmt())), {by}).bind("a_call")',
    )
    yield (
        "tried",
        (
            f"callExpr({USER}, callee({throwing}), "
            f'callee(functionDecl().bind("b_callee")), {by}, hasAncestor(cxxTryStmt()))'
            '.bind("a_call")'
        ),
    )
    yield (
        "tried-construct",
        (
            f"cxxConstructExpr({USER}, hasDeclaration(cxxConstructorDecl(unless(isNoThrow()), "
            f'unless({_QUIET})).bind("b_callee")), {by}, hasAncestor(cxxTryStmt())).bind("a_call")'
        ),
    )
    # What else has a lambda's place: its conversion to a function pointer, its constructors.
    beside = (
        'cxxMethodDecl(ofClass(cxxRecordDecl(isLambda())), unless(hasOverloadedOperatorName("()")))'
    )
    yield (
        "nothrow",
        f'functionDecl({USER}, isDefinition(), isNoThrow(), unless({beside})).bind("a_fn")',
    )
