"""The queries about function pointers: which functions a member or a global variable may point to.

A function may be assigned to it, or be given to a parameter that is kept there.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import USER

__all__ = ["MOST_MEMBERS", "pointers"]

# Of a structure whose initialisers are understood: each has a matcher of its own.
MOST_MEMBERS = 48

_POINTER = "hasType(hasCanonicalType(pointerType(pointee(functionType()))))"


def pointers(by: str, *, cplusplus: bool) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    kept = (
        'memberExpr(member(fieldDecl().bind("b_callee"))), '
        'declRefExpr(to(varDecl(hasGlobalStorage()).bind("b_callee")))'
    )
    keeper = f"expr(ignoringParenImpCasts(anyOf({kept})))"
    function = _itself_or_address('declRefExpr(to(functionDecl().bind("e_fn"))).bind("a_ref")')
    parameter = _itself_or_address(
        f'declRefExpr(to(parmVarDecl({_POINTER}).bind("d_from"))).bind("a_ref")'
    )
    assigned = f'binaryOperator({USER}, hasOperatorName("="), hasLHS({keeper}), {by}'
    yield "pointed", f'{assigned}, hasRHS({function})).bind("g_call")'
    yield "pointedmove", f'{assigned}, hasRHS({parameter})).bind("g_call")'
    yield (
        "pointed-start",
        (
            f"varDecl({USER}, hasGlobalStorage(), {_POINTER}, hasInitializer({function}))"
            '.bind("b_callee")'
        ),
    )
    table = 'varDecl(hasGlobalStorage(), hasType(asString("void **"))).bind("b_callee")'
    yield (
        "bindingtable",  # an element of a table of another extension module
        (
            f"callExpr({USER}, callee(expr(hasDescendant(arraySubscriptExpr(hasBase("
            f'ignoringParenImpCasts(declRefExpr(to({table})))))))), {by}).bind("a_call")'
        ),
    )
    struct = (
        "hasType(qualType(hasUnqualifiedDesugaredType(recordType(hasDeclaration("
        f'recordDecl({USER}).bind("b_struct"))))))'
    )
    elements = ", ".join(f'hasInit({n}, {function}.bind("g_{n}"))' for n in range(MOST_MEMBERS))
    yield "pointedtable", f"initListExpr({USER}, {struct}, eachOf({elements}))"
    given = f'parmVarDecl({_POINTER}).bind("b_callee")'
    yield (
        "pointedgiven",
        (
            f'callExpr({USER}, callee(functionDecl().bind("d_to")), {by}, '
            f'forEachArgumentWithParam({function}, {given})).bind("g_call")'
        ),
    )
    if cplusplus:
        yield (
            "pointedmove-initialised",
            (
                f"cxxConstructorDecl({USER}, isDefinition(), forEachConstructorInitializer("
                'cxxCtorInitializer(forField(fieldDecl().bind("b_callee")), withInitializer('
                f'{parameter})))).bind("c_by")'
            ),
        )


def _itself_or_address(what: str) -> str:
    """A name, with a cast or the operator & before it, or without."""
    address = f'unaryOperator(hasOperatorName("&"), hasUnaryOperand({what}))'
    return f"expr(ignoringParenCasts(anyOf({what}, {address})))"
