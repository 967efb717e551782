"""The queries for clang-tidy, one for each kind of fact.

A query binds names to nodes; the report gives the place of each (see `facts`). Nodes are sorted by
name, and the first is the fact's own place, hence the prefixes ``a_``, ``b_`` ...
"""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.c_interface import SCOPES
from pyholdfast.check.clang_tidy_cplusplus import cplusplus_queries
from pyholdfast.check.clang_tidy_joined import joined
from pyholdfast.check.clang_tidy_lifetimes import lifetimes, starters
from pyholdfast.check.clang_tidy_matchers import (
    API,
    DETACHING,
    HERE,
    NOT_API,
    NOT_BUILT_IN,
    OWNERS,
    USER,
    Vocabulary,
    any_of,
    only_detaching,
    python_type_matcher,
    works_with_states,
)
from pyholdfast.check.clang_tidy_pointers import pointers
from pyholdfast.check.clang_tidy_waits import waits

__all__ = ["SENTINEL", "Vocabulary", "configuration"]

# The query that finds something in every file, so that silence is not taken for an answer.
SENTINEL = "sentinel"


def configuration(words: Vocabulary, *, cplusplus: bool) -> str:
    """The text of a configuration file for clang-tidy."""
    lines = ["Checks: '-*,custom-*,clang-diagnostic-*'", "CustomChecks:"]
    for number, query in enumerate(joined(_queries(words, cplusplus=cplusplus))):
        lines += [f"  - Name: query-{number}", "    Query: |", f"      match {query.query}"]
        lines.append("    Diagnostic:")
        # The message of a report says which of the joined queries it is of.
        messages = [(node, name, "Warning") for node, name in query.names.items()]
        messages += [(node, node[2:], "Note") for node in query.notes]
        for node, message, level in messages:
            lines += [
                f"      - BindName: {node}",
                f"        Message: {message}",
                f"        Level: {level}",
            ]
    return "\n".join(lines) + "\n"


def _queries(words: Vocabulary, *, cplusplus: bool) -> Iterable[tuple[str, str]]:
    python_type = python_type_matcher(cplusplus=cplusplus)
    by = 'forFunction(functionDecl().bind("c_by"))'
    block = 'compoundStmt().bind("b_body")'
    # A function may consist of a try block.
    tried = f"anyOf({block}, cxxTryStmt(has({block})))" if cplusplus else block
    body = f"hasBody({tried})"
    # A lambda's conversion to a function pointer does not call the lambda.
    made = ", unless(cxxConversionDecl(ofClass(cxxRecordDecl(isLambda()))))" if cplusplus else ""
    user = f"functionDecl({USER}, {NOT_API}, {NOT_BUILT_IN}{made})"
    yield SENTINEL, 'functionDecl(hasName("::PyEval_InitThreads")).bind("a_fn")'
    yield "fn", f'functionDecl(isDefinition(), {USER}, unless(isImplicit()), {body}).bind("a_fn")'
    yield (
        "sig",
        (
            f"functionDecl(isDefinition(), {USER}, anyOf("
            f'hasAnyParameter(hasType({python_type})), returns({python_type}))).bind("a_fn")'
        ),
    )
    changing = any_of(words.changing)
    yield (
        "api",
        (
            f"callExpr({USER}, callee(functionDecl({API}, unless({changing}))"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    # One query for each: a macro may contain a save and a restore, and a query reports a place once.
    for name in words.changing:
        yield (
            f"api-{name.removeprefix('::').lower().replace('_', '-')}",
            (
                f'callExpr({USER}, callee(functionDecl(hasName("{name}")).bind("b_callee")), {by})'
                '.bind("a_call")'
            ),
        )
    yield (
        "apistatic",
        (
            f'callExpr({USER}, callee({API}.bind("b_callee")), '
            'hasAncestor(varDecl(hasGlobalStorage()).bind("c_by")), '
            'unless(hasAncestor(functionDecl()))).bind("a_call")'
        ),
    )
    yield "call", f'callExpr({USER}, callee({user}.bind("b_callee")), {by}).bind("a_call")'
    yield "ref", (f'declRefExpr({USER}, to({user}.bind("b_callee")), {by}).bind("a_ref")')
    yield (
        "refstatic",
        (
            f'declRefExpr({USER}, to({user}.bind("b_callee")), '
            'hasAncestor(varDecl(hasGlobalStorage()).bind("c_by"))).bind("a_ref")'
        ),
    )
    yield (
        "noreturn",
        f'callExpr({USER}, callee(functionDecl(isNoReturn()).bind("b_callee")), {by}).bind("a_call")',
    )
    given = f'callExpr(callee(functionDecl().bind("e_to")), {HERE}).bind("d_call")'
    yield (
        "passed",
        (
            f'declRefExpr({USER}, to({user}.bind("b_callee")), {by}, hasAncestor({given}))'
            '.bind("a_ref")'
        ),
    )
    for name, holder in (
        (
            "field",
            'memberExpr(member(fieldDecl(hasParent(recordDecl().bind("d_owner"))).bind("b_callee")))',
        ),
        ("variable", 'declRefExpr(to(varDecl(hasGlobalStorage()).bind("b_callee")))'),
    ):
        yield (
            f"pointer-{name}",
            f'callExpr({USER}, callee(expr(ignoringParenImpCasts({holder}))), {by}).bind("a_call")',
        )
    ours = f", unless(callExpr({only_detaching()}))" if cplusplus else ""  # by std::lock()
    for name, functions, but in (
        ("block", words.blocking, ""),
        ("slow", words.slow, ""),
        ("lock", words.locking, ours),
    ):
        call = f"callExpr({USER}, callee(functionDecl({any_of(functions)})"
        yield name, f'{call}.bind("b_callee")){but}, {by}).bind("a_call")'
        if cplusplus:
            yield from _of_templates(name, functions, by)
            yield from _of_constructors(name, functions, by)
    yield from _shared(by)
    yield from pointers(by, cplusplus=cplusplus)
    yield from waits(by, cplusplus=cplusplus)
    yield (
        "named",
        (
            f"callExpr({USER}, callee(functionDecl({any_of((*words.entering, *words.leaving))})"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    # From the call down: few calls have one of these names, and many functions are referred to.
    spawn = (
        f"callExpr({USER}, callee(functionDecl({any_of(words.spawning)})), {by}, forEachDescendant("
    )
    yield (
        "spawn",
        (
            f'{spawn}declRefExpr(to(functionDecl().bind("b_callee")), {HERE}).bind("a_ref"))'
            ').bind("d_spawn")'
        ),
    )
    yield (
        "call-scopes",  # of the C interface
        (
            f"callExpr({USER}, callee(functionDecl({any_of(f'::{name}' for name in SCOPES)})"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    yield (
        "call-marked",  # also functions of libraries: holdfast's own are annotated
        (
            f'callExpr({USER}, callee(functionDecl(hasAttr("attr::RequiresCapability"), '
            f'isExpansionInSystemHeader()).bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    yield "marked", 'functionDecl(hasAttr("attr::RequiresCapability")).bind("a_fn")'
    internal = "isStaticStorageClass()"
    if cplusplus:
        internal = f"anyOf({internal}, isInAnonymousNamespace())"
    yield (
        "internal",  # visible in its file only
        f'functionDecl({USER}, isDefinition(), {internal}).bind("a_fn")',
    )
    operation = works_with_states(words, cplusplus=cplusplus)
    for name, statement in _STATEMENTS:
        yield (
            f"s-{name}",
            (
                f"functionDecl(isDefinition(), {USER}, {operation}, "
                f'forEachDescendant({statement}.bind("a_s")))'
            ),
        )
    if cplusplus:
        yield from cplusplus_queries(words, by)
        yield from lifetimes(by, OWNERS)
        yield from starters(by, words.starting)


def _shared(by: str) -> Iterable[tuple[str, str]]:
    """States that are kept where all threads find them: in a static variable, or a member of one."""
    variable = 'varDecl(hasStaticStorageDuration()).bind("d_var")'
    name = f"declRefExpr(to({variable}))"
    made = (
        'ignoringParenImpCasts(callExpr(callee(functionDecl(hasAnyName("::PyGILState_Ensure", '
        '"::PyEval_SaveThread")).bind("b_callee"))))'
    )
    for number, kept in enumerate(
        (name, f"memberExpr(hasObjectExpression(ignoringParenImpCasts({name})))")
    ):
        yield (
            f"shared-{number}",
            (
                f'binaryOperator({USER}, hasOperatorName("="), hasLHS({kept}), hasRHS({made}), {by})'
                '.bind("a_call")'
            ),
        )


def _of_templates(name: str, functions: Iterable[str], by: str) -> Iterable[tuple[str, str]]:
    """Members of class templates, written ``::std::future<>::get``: their names have arguments."""
    split = [full.partition("<>::") for full in functions if "<>::" in full]
    classes, methods = {part[0] for part in split}, {part[2] for part in split}
    if split:
        of = f"cxxRecordDecl({any_of(classes)}, unless({DETACHING}))"
        yield (
            f"{name}-template",
            (
                f"cxxMemberCallExpr({USER}, callee(cxxMethodDecl({any_of(methods)}, ofClass({of}))"
                f'.bind("b_callee")), {by}).bind("a_call")'
            ),
        )


def _of_constructors(name: str, functions: Iterable[str], by: str) -> Iterable[tuple[str, str]]:
    """Constructors, written ``::app::Session::Session``."""
    makers = [full for full in functions if full.split("::")[-1:] == full.split("::")[-2:-1]]
    if makers:
        yield (
            f"{name}-constructor",
            (
                f"cxxConstructExpr({USER}, hasDeclaration(cxxConstructorDecl({any_of(makers)}, "
                "unless(isCopyConstructor()), unless(isMoveConstructor()))"
                f'.bind("b_callee")), {by}).bind("a_call")'
            ),
        )


_STATEMENTS = (
    ("plain", "stmt(hasParent(compoundStmt()))"),
    ("return", "returnStmt()"),
    ("goto", "gotoStmt()"),
    ("break", "breakStmt()"),
    ("continue", "continueStmt()"),
    ("if", "ifStmt()"),
)
