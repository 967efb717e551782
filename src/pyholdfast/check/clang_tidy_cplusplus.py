"""The queries about what only C++ has: objects, lambdas, templates, exceptions, binding libraries."""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_kept import kept_objects
from pyholdfast.check.clang_tidy_matchers import (
    BOUND,
    DETACHING,
    HERE,
    OWNERS,
    USER,
    Vocabulary,
    any_of,
    class_named,
    only_detaching,
    python_type_matcher,
    works_with_states,
)
from pyholdfast.check.clang_tidy_stored import stored
from pyholdfast.check.clang_tidy_throws import throws
from pyholdfast.check.clang_tidy_waits import bound_waits

__all__ = ["cplusplus_queries"]


def cplusplus_queries(words: Vocabulary, by: str) -> Iterable[tuple[str, str]]:
    """Name and query of each kind; `by` binds the function that something is in."""
    yield "lambda", f'lambdaExpr({USER}, {by}).bind("a_fn")'
    yield (
        "method",
        (
            f'cxxMethodDecl({USER}, unless(isImplicit()), ofClass(cxxRecordDecl().bind("b_class")))'
            '.bind("a_fn")'
        ),
    )
    yield (
        "holder",
        (
            f"cxxMethodDecl(isDefinition(), {USER}, unless(isImplicit()), ofClass(cxxRecordDecl("
            f'has(fieldDecl(hasType({python_type_matcher(cplusplus=True)})))))).bind("a_fn")'
        ),
    )
    yield (
        "construct",
        (
            f"cxxConstructExpr({USER}, hasDeclaration(cxxConstructorDecl(unless(isImplicit()), "
            f'{USER}).bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    binding = "|".join(name.removeprefix("::") for name in words.bindings)
    exempt = any_of([*words.attaching, *words.detaching])
    of_binding = (
        f'functionDecl(matchesName("^::({binding})::"), unless(isImplicit()), '
        f"unless(cxxMethodDecl(ofClass(cxxRecordDecl({exempt})))))"
    )
    yield (
        "binding",
        (f'callExpr({USER}, callee({of_binding}.bind("b_callee")), {by}).bind("a_call")'),
    )
    yield (
        "bindingnew",
        (
            f"cxxConstructExpr({USER}, hasDeclaration(cxxConstructorDecl(unless(isImplicit()), "
            f"unless(allOf(parameterCountIs(0), ofClass({class_named((*BOUND, *OWNERS))}))), "
            "unless(isMoveConstructor()), "
            f"ofClass(cxxRecordDecl(isSameOrDerivedFrom({class_named(BOUND)}))))"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    held = "cxxRecordDecl(isSameOrDerivedFrom(" + class_named(OWNERS) + "))"
    yield (
        "bindinglocal",
        (
            f'varDecl({USER}, hasLocalStorage(), unless(parmVarDecl()), hasType({held}.bind("b_class")'
            f'), hasParent(declStmt({by}))).bind("a_var")'
        ),
    )
    yield (
        "bindingstatic",
        (
            f"varDecl({USER}, isDefinition(), hasGlobalStorage(), "
            f'hasType({held}.bind("b_class"))).bind("a_var")'
        ),
    )
    guards = any_of([*words.attaching, *words.detaching])
    for name, classes in (("attach", words.attaching), ("detach", words.detaching)):
        yield (
            name,
            (
                f"varDecl({USER}, hasLocalStorage(), hasType(cxxRecordDecl({any_of(classes)})"
                f'.bind("b_class")), hasParent(declStmt({by}))).bind("a_var")'
            ),
        )
    yield (
        "local",
        (
            f"varDecl({USER}, hasLocalStorage(), unless(parmVarDecl()), hasType(cxxRecordDecl({USER},"
            "anyOf(has(cxxDestructorDecl(unless(isImplicit()), unless(isDefaulted()))), "
            f"has(fieldDecl(hasType(cxxRecordDecl({guards}))))))"
            f'.bind("b_class")), hasParent(declStmt({by}))).bind("a_var")'
        ),
    )
    # The mutex types of a std::scoped_lock are a pack, which no query can match; its arguments can.
    ours = f"cxxConstructExpr({only_detaching()})"
    yield (
        "locker",
        (
            f"varDecl({USER}, hasLocalStorage(), hasType(cxxRecordDecl({any_of(words.lockers)}, "
            f'unless({DETACHING})).bind("b_class")), hasParent(declStmt({by})), '
            f'unless(hasInitializer(expr(anyOf({ours}, hasDescendant({ours})))))).bind("a_var")'
        ),
    )
    for name, classes in (("attach", words.attaching), ("detach", words.detaching)):
        yield (
            f"{name}field",
            (
                f"cxxRecordDecl({USER}, has(fieldDecl(hasType(cxxRecordDecl({any_of(classes)}))"
                ').bind("b_field"))).bind("a_class")'
            ),
        )
    yield (
        "static",
        (
            f"varDecl({USER}, isDefinition(), hasGlobalStorage(), hasType(cxxRecordDecl("
            'has(cxxDestructorDecl(unless(isImplicit()), unless(isDefaulted())).bind("b_dtor")))))'
            '.bind("a_var")'
        ),
    )
    made = f"cxxConstructExpr({USER}, hasDeclaration(cxxMethodDecl(ofClass({class_named(words.threads)})))"
    put = (
        f"cxxMemberCallExpr({USER}, "
        'callee(cxxMethodDecl(hasAnyName("emplace_back", "push_back", "emplace"))), '
        "thisPointerType(classTemplateSpecializationDecl(hasAnyTemplateArgument(refersToType("
        f"hasDeclaration({class_named(words.threads)})))))"
    )
    spawned = f"callExpr({USER}, callee(functionDecl({any_of(words.spawning)}))"
    for name, passed in (
        ("spawnlambda", 'lambdaExpr({}).bind("a_fn")'),
        ("spawnref", 'declRefExpr({}, to(functionDecl().bind("b_callee"))).bind("a_ref")'),
    ):
        inner = f"forEachDescendant({passed.format(HERE)})"
        for number, spawner in enumerate((made, put, spawned)):
            yield f"{name}-{number}", f'{spawner}, {by}, {inner}).bind("d_spawn")'
    # The guard's type is read from the text: no query matches template arguments in a pack.
    with_guard = 'hasType(cxxRecordDecl(hasName("call_guard")))'
    guarded = f'callExpr({USER}, hasAnyArgument(expr({with_guard}).bind("e_guard")), {by}'
    # In its arguments: before the dot, a chain of calls has the functions of other calls.
    for name, passed in (
        ("callguard", f'lambdaExpr({HERE}).bind("a_fn")'),
        (
            "callguardref",
            f'declRefExpr(to(functionDecl().bind("b_callee")), {HERE}).bind("a_ref")',
        ),
        (  # of a function that binds what it is given
            "guardingparam",
            f'declRefExpr(to(parmVarDecl().bind("b_callee")), {HERE}).bind("a_ref")',
        ),
    ):
        within = (
            f"forEach(expr(unless(memberExpr()), eachOf({passed}, forEachDescendant({passed}))))"
        )
        yield name, f'{guarded}, {within}).bind("d_spawn")'
    yield _by_value()
    yield from _bound_by(words, by)
    yield bound_waits(words.bindings, words.blocking, by)
    yield from _given(by)
    yield (
        "s-throw",
        (
            f"functionDecl(isDefinition(), {USER}, {works_with_states(words, cplusplus=True)}, "
            'forEachDescendant(cxxThrowExpr().bind("a_s")))'
        ),
    )


def _by_value() -> tuple[str, str]:
    """Functions that own an object of a binding library, as a parameter."""
    owner = f"cxxRecordDecl(isSameOrDerivedFrom({class_named(OWNERS)}))"
    holders = any_of(("::std::optional", "::std::vector", "::std::pair", "::std::tuple"))
    held = (
        f"classTemplateSpecializationDecl({holders}, "
        f"hasAnyTemplateArgument(refersToType(hasDeclaration({owner}))))"
    )
    parameter = f'parmVarDecl(anyOf(hasType({owner}), hasType({held}))).bind("b_param")'
    return (
        "byvalue",
        f'functionDecl({USER}, isDefinition(), hasAnyParameter({parameter})).bind("a_fn")',
    )


def _given(by: str) -> Iterable[tuple[str, str]]:
    """What other code calls: lambdas that it gets, and methods that override its own."""
    owner = 'optionally(cxxMethodDecl(ofClass(cxxRecordDecl().bind("f_owner"))))'
    # A conversion to a function pointer, or to a std::function, does not call the lambda.
    to = f'functionDecl(unless(cxxConversionDecl()), unless(matchesName("^::std::")), {owner})'
    call = f'callExpr(callee({to}.bind("e_to")), {HERE}).bind("d_call")'
    yield (
        "givenlambda",
        f'lambdaExpr({USER}, {by}, hasAncestor({call})).bind("a_fn")',
    )
    yield from stored(by)
    yield from kept_objects(by)
    yield from throws(by)
    converted = "cxxMemberCallExpr(callee(cxxConversionDecl()))"
    yield "pointerlambda", f'lambdaExpr({USER}, {by}, hasAncestor({converted})).bind("a_fn")'
    overridden = 'cxxMethodDecl(ofClass(cxxRecordDecl().bind("b_base")))'
    yield (
        "override",
        (
            f"cxxMethodDecl({USER}, isDefinition(), isOverride(), unless(cxxDestructorDecl()), "
            f'forEachOverridden({overridden})).bind("a_fn")'
        ),
    )


def _bound_by(words: Vocabulary, by: str) -> Iterable[tuple[str, str]]:
    """What a binding library calls, or destroys, for Python."""
    binding = "|".join(name.removeprefix("::") for name in words.bindings)
    definer = f'functionDecl(matchesName("^::({binding})::.*def(_[a-z_]+)?$"))'
    yield (
        "boundlambda",
        (
            f"callExpr({USER}, callee({definer}), {by}, "
            f'forEachDescendant(lambdaExpr({HERE}).bind("a_fn"))).bind("d_spawn")'
        ),
    )
    classes = any_of(f"{name}::class_" for name in words.bindings)
    first = f'hasDeclaration(cxxRecordDecl({USER}).bind("b_class"))'
    made = (
        f"classTemplateSpecializationDecl({classes}, hasTemplateArgument(0, refersToType({first})))"
    )
    yield (
        "boundclass",
        (
            f"cxxConstructExpr({USER}, hasDeclaration(cxxConstructorDecl(ofClass({made})))"
            ').bind("a_call")'
        ),
    )
