"""The queries about Python objects that something keeps which is given to a library."""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import API, OWNERS, USER, class_named

__all__ = ["kept_objects"]

# What these do with it is known, or is seen in their templates.
_OTHERS = 'matchesName("^::(std|__gnu_cxx|boost|pybind11|nanobind|holdfast)::")'


def kept_objects(by: str) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    owner = f"cxxRecordDecl(isSameOrDerivedFrom({class_named(OWNERS)}))"
    type_ = f"hasUnqualifiedDesugaredType(recordType(hasDeclaration({owner})))"
    variable = f"varDecl(hasType({type_}))"
    named = f"declRefExpr(to({variable}))"
    function = 'declRefExpr(to(functionDecl().bind("b_callee")))'
    bound = (
        'callExpr(callee(functionDecl(hasName("bind"))), '
        f'hasAnyArgument({_in_it(named)}), hasAnyArgument({_in_it(function)})).bind("a_kept")'
    )
    lambda_ = f'lambdaExpr(hasAnyCapture(lambdaCapture(capturesVar({variable})))).bind("a_kept")'
    to = f'functionDecl(unless({_OTHERS}), unless({API})).bind("e_to")'
    for name, kept in (("bound", bound), ("captured", lambda_)):
        yield (
            f"keptobject-{name}",
            f"callExpr({USER}, callee({to}), {by}, hasAnyArgument({_in_it(kept)}))",
        )


def _in_it(what: str) -> str:
    return f"expr(anyOf({what}, hasDescendant({what})))"
