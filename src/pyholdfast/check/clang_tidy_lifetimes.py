"""Queries for the ends of C++ objects: `delete`, members, and containers that own others.

No query finds a call of a destructor that is not written. These find what ends there; the check
adds what the destructor does (see `destructors`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyholdfast.check.clang_tidy_matchers import USER, any_of

__all__ = ["lifetimes", "starters"]

# These destroy what they hold at once. A std::shared_ptr may be one of several.
_OWNING = (
    "::std::unique_ptr", "::std::optional", "::std::vector", "::std::list", "::std::deque",
    "::std::map", "::std::set", "::std::unordered_map", "::std::unordered_set", "::std::multimap",
    "::std::array", "::std::pair", "::std::tuple", "::std::queue", "::std::stack",
    "::std::forward_list", "::std::variant", "::boost::scoped_ptr", "::QScopedPointer", "::QList",
    "::QVector", "::QMap", "::QHash", "::QSet", "::QQueue", "::QStack", "::boost::optional",
)  # fmt: skip
_ENDING = ("reset", "clear", "pop_back", "pop_front", "pop", "erase")


def starters(by: str, classes: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Name and query of each kind of variable that starts Python, or whose content does.

    Args:
        by: binds the function that contains the variable.
        classes: those whose objects run Python for their lifetime.
    """
    held = f'cxxRecordDecl({any_of(classes)}).bind("b_class")'
    owning = _is(_container(_is(held), (*_OWNING, "::std::shared_ptr")))
    local = f"{USER}, hasLocalStorage(), unless(parmVarDecl())"
    yield (
        "starter",
        f'varDecl({local}, hasType({_is(held)}), hasParent(declStmt({by}))).bind("a_var")',
    )
    yield (
        "startercontained",
        (f'varDecl({local}, hasType({owning}), hasParent(declStmt({by}))).bind("a_var")'),
    )
    for name, kind in (("static", "varDecl"), ("field", "fieldDecl")):
        where = "hasGlobalStorage(), " if kind == "varDecl" else ""
        yield (
            f"starterelsewhere-{name}",
            (
                f"{kind}({USER}, {where}hasType(qualType(anyOf({_is(held)}, {owning}))))"
                '.bind("a_var")'
            ),
        )


def lifetimes(by: str, owners: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Name and query of each.

    Args:
        by: binds the function that contains the code.
        owners: classes of the binding libraries whose destructor drops a reference.
    """
    held = 'cxxRecordDecl(unless(isLambda())).bind("b_class")'
    user = f'cxxRecordDecl({USER}, unless(isLambda())).bind("b_class")'
    yield (
        "destroy-delete",
        f'cxxDeleteExpr({USER}, has(expr(hasType(pointsTo({user})))), {by}).bind("a_call")',
    )
    once = _container(f"hasDeclaration({user})")
    for depth, owning in (("one", once), ("two", _container(f"hasDeclaration({once})"))):
        yield (
            f"destroy-{depth}",
            (
                f"cxxMemberCallExpr({USER}, callee(cxxMethodDecl({any_of(_ENDING)})), "
                f'thisPointerType({owning}), {by}).bind("a_call")'
            ),
        )
        yield (
            f"contained-{depth}",
            (
                f"varDecl({USER}, hasLocalStorage(), unless(parmVarDecl()), hasType({owning}), "
                f'hasParent(declStmt({by}))).bind("a_var")'
            ),
        )
        yield (
            f"member-{depth}",
            (
                f'fieldDecl({USER}, hasType({owning}), hasParent(cxxRecordDecl().bind("c_owner")))'
                '.bind("a_field")'
            ),
        )
    yield (
        "plainlocal",
        (
            f"varDecl({USER}, hasLocalStorage(), unless(parmVarDecl()), hasType(cxxRecordDecl({USER}, "
            "unless(isLambda()), has(cxxDestructorDecl(isImplicit())), has(fieldDecl(hasType("
            'cxxRecordDecl())))).bind("b_class")), hasParent(declStmt('
            f'{by}))).bind("a_var")'
        ),
    )
    # A lambda that an object of this scope calls in its destructor: absl::Cleanup, gsl::finally, DEFER.
    ends = "cxxRecordDecl(has(cxxDestructorDecl(unless(isImplicit()))), unless(isLambda()), "
    ends += 'unless(matchesName("^::(std|boost)::")))'
    yield (
        "deferred",
        (
            f"lambdaExpr({USER}, {by}, hasAncestor(varDecl(hasLocalStorage(), unless(parmVarDecl()), "
            f'hasType({ends}), hasParent(declStmt())).bind("d_var"))).bind("a_fn")'
        ),
    )
    yield (
        "member-plain",
        (
            f'fieldDecl({USER}, hasType({user}), hasParent(cxxRecordDecl().bind("c_owner")))'
            '.bind("a_field")'
        ),
    )
    yield (
        "member-base",
        f'cxxRecordDecl({USER}, hasDirectBase(hasType({user}))).bind("a_field")',
    )
    attached = (
        'callExpr(callee(functionDecl(hasAnyName("::PyGILState_Ensure", "::PyEval_SaveThread"))'
        '.bind("b_callee")))'
    )
    yield (
        "preset",  # a member that is initialised where it is declared
        (
            f"fieldDecl({USER}, hasInClassInitializer(ignoringParenImpCasts({attached})), "
            'hasParent(cxxRecordDecl().bind("c_owner"))).bind("a_field")'
        ),
    )
    python = held.replace(
        "unless(isLambda())", f"isSameOrDerivedFrom(cxxRecordDecl({any_of(owners)}))"
    )
    yield (
        "member-python",
        (
            f'fieldDecl({USER}, hasType({python}), hasParent(cxxRecordDecl().bind("c_owner")))'
            '.bind("a_field")'
        ),
    )


def _is(declaration: str) -> str:
    """A type that is declared so, however it is written: by an alias, or auto."""
    return f"hasUnqualifiedDesugaredType(recordType(hasDeclaration({declaration})))"


def _container(inner: str, owning: Sequence[str] = _OWNING) -> str:
    argument = f"hasAnyTemplateArgument(refersToType({inner}))"
    return f"classTemplateSpecializationDecl({any_of(owning)}, {argument})"
