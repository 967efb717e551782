"""The queries about Python objects that something keeps which is given to a library."""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import API, HERE, OWNERS, USER, class_named

__all__ = ["kept_objects"]

# What these do with it is known, or is seen in their templates.
_OTHERS = 'matchesName("^::(std|__gnu_cxx|boost|pybind11|nanobind|holdfast)::")'


def kept_objects(by: str) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    owner = f"cxxRecordDecl(isSameOrDerivedFrom({class_named(OWNERS)}))"
    plain = f"hasUnqualifiedDesugaredType(recordType(hasDeclaration({owner})))"
    type_ = f"anyOf(qualType({plain}), references(qualType({plain})))"  # of either, a copy is kept
    variable = f'varDecl(hasType({type_})).bind("d_object")'
    named = f"ignoringParenImpCasts(declRefExpr(to({variable})))"
    moved = f'callExpr(callee(functionDecl(hasName("::std::move"))), hasAnyArgument({named}))'
    itself = f"expr(anyOf({named}, {moved}))"  # not what is made of it, as by cast<int>()
    copied = f"ignoringImplicit(cxxConstructExpr(hasAnyArgument({itself})))"
    function = 'declRefExpr(to(functionDecl().bind("b_callee")))'
    bound = (
        f'callExpr({HERE}, callee(functionDecl(hasName("bind"))), '
        f"hasAnyArgument(expr(anyOf({itself}, {copied}))), "
        f'hasAnyArgument({_in_it(function)})).bind("a_kept")'
    )
    # A lambda in another one's body is given to what that one calls.
    captures = f"hasAnyCapture(lambdaCapture(capturesVar({variable})))"
    lambda_ = f'lambdaExpr({HERE}, {captures}).bind("a_kept")'
    to = f'functionDecl(unless({_OTHERS}), unless({API})).bind("e_to")'
    for name, kept in (("bound", bound), ("captured", lambda_)):
        yield (
            f"keptobject-{name}",
            f"callExpr({USER}, callee({to}), {by}, hasAnyArgument({_in_it(kept)}))",
        )


def _in_it(what: str) -> str:
    return f"expr(anyOf({what}, hasDescendant({what})))"
