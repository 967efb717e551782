"""The queries for clang-tidy, one for each kind of fact.

A query binds names to nodes; the report gives the place of each (see `facts`). Nodes are sorted by
name, and the first is the fact's own place, hence the prefixes ``a_``, ``b_`` ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyholdfast.check.c_interface import SCOPES
from pyholdfast.check.clang_tidy_lifetimes import lifetimes, starters

__all__ = ["SENTINEL", "Vocabulary", "configuration"]

# The query that finds something in every file, so that silence is not taken for an answer.
SENTINEL = "sentinel"

# A PyObject, a structure that begins like one, and the classes of the binding libraries.
_BOUND = (
    "::pybind11::handle",
    "::nanobind::handle",
    "::boost::python::api::object_base",
)
_WRAPPERS = (*_BOUND, "::holdfast::object")  # holdfast's own attaches by itself when it has to
# Classes whose destructor drops a reference.
_OWNERS = ("::pybind11::object", "::nanobind::object", "::boost::python::api::object_base")
# Mutexes that detach a thread while it waits for them.
_DETACHING_MUTEXES = ("::holdfast::mutex", "::holdfast::shared_mutex")
_PYTHON_RECORD = (
    'recordDecl(anyOf(hasName("::_object"), has(fieldDecl(hasAnyName("ob_base", "ob_type")))))'
)
_USER = "unless(isExpansionInSystemHeader())"
_API = 'functionDecl(matchesName("^::_?Py[A-Z_]"))'
_NOT_API = 'unless(matchesName("^::_?Py[A-Z_]"))'
# The compiler declares its builtin functions at their first use.
_HERE = 'forFunction(functionDecl(equalsBoundNode("c_by")))'
_NOT_BUILT_IN = 'unless(matchesName("^::__(builtin|atomic|sync|c11)_"))'


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that the queries look for; qualified C++ names begin with ``::``.

    Attributes:
        changing: functions of CPython that attach, detach, or undo one of the two.
        state_calls: functions that change whether the thread is attached.
        attaching: classes whose objects attach for their lifetime.
        detaching: classes whose objects detach for their lifetime.
        starting: classes whose objects run Python for their lifetime.
        blocking: functions that may block; ``::Class<>::name`` for members of a class template.
        slow: functions that often take long.
        entering: functions that attach.
        leaving: functions that detach.
        locking: functions that lock a mutex.
        lockers: classes whose objects lock a mutex.
        spawning: functions that run another one on a new thread.
        threads: classes whose constructor runs a function on a new thread.
        wrapping: the project's own classes that may attach or detach.
        bindings: namespaces whose functions need an attached thread.
    """

    changing: Sequence[str]
    state_calls: Sequence[str]
    attaching: Sequence[str]
    detaching: Sequence[str]
    starting: Sequence[str]
    blocking: Sequence[str]
    locking: Sequence[str]
    lockers: Sequence[str]
    spawning: Sequence[str]
    threads: Sequence[str]
    bindings: Sequence[str]
    wrapping: Sequence[str] = ()
    slow: Sequence[str] = ()
    entering: Sequence[str] = ()
    leaving: Sequence[str] = ()


def configuration(words: Vocabulary, *, cplusplus: bool) -> str:
    """The text of a configuration file for clang-tidy."""
    lines = ["Checks: '-*,custom-*,clang-diagnostic-*'", "CustomChecks:"]
    for name, query in _queries(words, cplusplus=cplusplus):
        lines += [f"  - Name: {name}", "    Query: |", f"      match {query}", "    Diagnostic:"]
        bound = sorted({part.split('"')[0] for part in query.split('.bind("')[1:]})
        for position, node in enumerate(bound):
            # Identical reports for one place are printed once, so each query has its own word.
            lines += [
                f"      - BindName: {node}",
                f"        Message: {node[2:] if position else name}",
                f"        Level: {'Note' if position else 'Warning'}",
            ]
    return "\n".join(lines) + "\n"


def _queries(words: Vocabulary, *, cplusplus: bool) -> Iterable[tuple[str, str]]:
    python_type = _python_type(cplusplus=cplusplus)
    by = 'forFunction(functionDecl().bind("c_by"))'
    body = 'hasBody(compoundStmt().bind("b_body"))'
    # A lambda's conversion to a function pointer does not call the lambda.
    made = ", unless(cxxConversionDecl(ofClass(cxxRecordDecl(isLambda()))))" if cplusplus else ""
    user = f"functionDecl({_USER}, {_NOT_API}, {_NOT_BUILT_IN}{made})"
    yield SENTINEL, 'functionDecl(hasName("::PyEval_InitThreads")).bind("a_fn")'
    yield "fn", f'functionDecl(isDefinition(), {_USER}, {body}).bind("a_fn")'
    yield (
        "sig",
        (
            f"functionDecl(isDefinition(), {_USER}, anyOf("
            f'hasAnyParameter(hasType({python_type})), returns({python_type}))).bind("a_fn")'
        ),
    )
    changing = _any(words.changing)
    yield (
        "api",
        (
            f"callExpr({_USER}, callee(functionDecl({_API}, unless({changing}))"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    # One query for each: a macro may contain a save and a restore, and a query reports a place once.
    for name in words.changing:
        yield (
            f"api-{name.removeprefix('::').lower().replace('_', '-')}",
            (
                f'callExpr({_USER}, callee(functionDecl(hasName("{name}")).bind("b_callee")), {by})'
                '.bind("a_call")'
            ),
        )
    yield (
        "apistatic",
        (
            f'callExpr({_USER}, callee({_API}.bind("b_callee")), '
            'hasAncestor(varDecl(hasGlobalStorage()).bind("c_by")), '
            'unless(hasAncestor(functionDecl()))).bind("a_call")'
        ),
    )
    yield "call", f'callExpr({_USER}, callee({user}.bind("b_callee")), {by}).bind("a_call")'
    yield "ref", (f'declRefExpr({_USER}, to({user}.bind("b_callee")), {by}).bind("a_ref")')
    yield (
        "refstatic",
        (
            f'declRefExpr({_USER}, to({user}.bind("b_callee")), '
            'hasAncestor(varDecl(hasGlobalStorage()).bind("c_by"))).bind("a_ref")'
        ),
    )
    yield (
        "noreturn",
        f'callExpr({_USER}, callee(functionDecl(isNoReturn()).bind("b_callee")), {by}).bind("a_call")',
    )
    given = f'callExpr(callee(functionDecl().bind("e_to")), {_HERE}).bind("d_call")'
    yield (
        "passed",
        (
            f'declRefExpr({_USER}, to({user}.bind("b_callee")), {by}, hasAncestor({given}))'
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
            f'callExpr({_USER}, callee(expr(ignoringParenImpCasts({holder}))), {by}).bind("a_call")',
        )
    ours = f", unless(callExpr({_only_detaching()}))" if cplusplus else ""  # by std::lock()
    for name, functions, but in (
        ("block", words.blocking, ""),
        ("slow", words.slow, ""),
        ("lock", words.locking, ours),
    ):
        call = f"callExpr({_USER}, callee(functionDecl({_any(functions)})"
        yield name, f'{call}.bind("b_callee")){but}, {by}).bind("a_call")'
        if cplusplus:
            yield from _of_templates(name, functions, by)
    yield (
        "named",
        (
            f"callExpr({_USER}, callee(functionDecl({_any((*words.entering, *words.leaving))})"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    # From the call down: few calls have one of these names, and many functions are referred to.
    spawn = (
        f"callExpr({_USER}, callee(functionDecl({_any(words.spawning)})), {by}, forEachDescendant("
    )
    yield (
        "spawn",
        (
            f'{spawn}declRefExpr(to(functionDecl().bind("b_callee")), {_HERE}).bind("a_ref"))'
            ').bind("d_spawn")'
        ),
    )
    yield (
        "call-scopes",  # of the C interface
        (
            f"callExpr({_USER}, callee(functionDecl({_any(f'::{name}' for name in SCOPES)})"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    yield (
        "call-marked",  # also functions of libraries: holdfast's own are annotated
        (
            f'callExpr({_USER}, callee(functionDecl(hasAttr("attr::RequiresCapability"), '
            f'isExpansionInSystemHeader()).bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    yield "marked", 'functionDecl(hasAttr("attr::RequiresCapability")).bind("a_fn")'
    internal = "isStaticStorageClass()"
    if cplusplus:
        internal = f"anyOf({internal}, isInAnonymousNamespace())"
    yield (
        "internal",  # visible in its file only
        f'functionDecl({_USER}, isDefinition(), {internal}).bind("a_fn")',
    )
    operation = _operation(words, cplusplus=cplusplus)
    for name, statement in _STATEMENTS:
        yield (
            f"s-{name}",
            (
                f"functionDecl(isDefinition(), {_USER}, {operation}, "
                f'forEachDescendant({statement}.bind("a_s")))'
            ),
        )
    if cplusplus:
        yield from _cplusplus(words, by)
        yield from lifetimes(by, _OWNERS)
        yield from starters(by, words.starting)


def _of_templates(name: str, functions: Iterable[str], by: str) -> Iterable[tuple[str, str]]:
    """Members of class templates, written ``::std::future<>::get``: their names have arguments."""
    split = [full.partition("<>::") for full in functions if "<>::" in full]
    classes, methods = {part[0] for part in split}, {part[2] for part in split}
    if split:
        of = f"cxxRecordDecl({_any(classes)}, unless({_DETACHING}))"
        yield (
            f"{name}-template",
            (
                f"cxxMemberCallExpr({_USER}, callee(cxxMethodDecl({_any(methods)}, ofClass({of}))"
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


def _cplusplus(words: Vocabulary, by: str) -> Iterable[tuple[str, str]]:
    yield "lambda", f'lambdaExpr({_USER}, {by}).bind("a_fn")'
    yield (
        "method",
        (
            f'cxxMethodDecl({_USER}, unless(isImplicit()), ofClass(cxxRecordDecl().bind("b_class")))'
            '.bind("a_fn")'
        ),
    )
    yield (
        "holder",
        (
            f"cxxMethodDecl(isDefinition(), {_USER}, unless(isImplicit()), ofClass(cxxRecordDecl("
            f'has(fieldDecl(hasType({_python_type(cplusplus=True)})))))).bind("a_fn")'
        ),
    )
    yield (
        "construct",
        (
            f"cxxConstructExpr({_USER}, hasDeclaration(cxxConstructorDecl(unless(isImplicit()), "
            f'{_USER}).bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    binding = "|".join(name.removeprefix("::") for name in words.bindings)
    exempt = _any([*words.attaching, *words.detaching])
    of_binding = (
        f'functionDecl(matchesName("^::({binding})::"), unless(isImplicit()), '
        f"unless(cxxMethodDecl(ofClass(cxxRecordDecl({exempt})))))"
    )
    yield (
        "binding",
        (f'callExpr({_USER}, callee({of_binding}.bind("b_callee")), {by}).bind("a_call")'),
    )
    yield (
        "bindingnew",
        (
            f"cxxConstructExpr({_USER}, hasDeclaration(cxxConstructorDecl(unless(isImplicit()), "
            f"unless(allOf(parameterCountIs(0), ofClass({_named((*_BOUND, *_OWNERS))}))), "
            "unless(isMoveConstructor()), "
            f"ofClass(cxxRecordDecl(isSameOrDerivedFrom({_named(_BOUND)}))))"
            f'.bind("b_callee")), {by}).bind("a_call")'
        ),
    )
    held = "cxxRecordDecl(isSameOrDerivedFrom(" + _named(_OWNERS) + "))"
    yield (
        "bindinglocal",
        (
            f'varDecl({_USER}, hasLocalStorage(), unless(parmVarDecl()), hasType({held}.bind("b_class")'
            f'), hasParent(declStmt({by}))).bind("a_var")'
        ),
    )
    yield (
        "bindingstatic",
        (f'varDecl({_USER}, hasGlobalStorage(), hasType({held}.bind("b_class"))).bind("a_var")'),
    )
    guards = _any([*words.attaching, *words.detaching])
    for name, classes in (("attach", words.attaching), ("detach", words.detaching)):
        yield (
            name,
            (
                f"varDecl({_USER}, hasLocalStorage(), hasType(cxxRecordDecl({_any(classes)})"
                f'.bind("b_class")), hasParent(declStmt({by}))).bind("a_var")'
            ),
        )
    yield (
        "local",
        (
            f"varDecl({_USER}, hasLocalStorage(), unless(parmVarDecl()), hasType(cxxRecordDecl({_USER},"
            "anyOf(has(cxxDestructorDecl(unless(isImplicit()), unless(isDefaulted()))), "
            f"has(fieldDecl(hasType(cxxRecordDecl({guards}))))))"
            f'.bind("b_class")), hasParent(declStmt({by}))).bind("a_var")'
        ),
    )
    # The mutex types of a std::scoped_lock are a pack, which no query can match; its arguments can.
    ours = f"cxxConstructExpr({_only_detaching()})"
    yield (
        "locker",
        (
            f"varDecl({_USER}, hasLocalStorage(), hasType(cxxRecordDecl({_any(words.lockers)}, "
            f'unless({_DETACHING})).bind("b_class")), hasParent(declStmt({by})), '
            f'unless(hasInitializer(expr(anyOf({ours}, hasDescendant({ours})))))).bind("a_var")'
        ),
    )
    for name, classes in (("attach", words.attaching), ("detach", words.detaching)):
        yield (
            f"{name}field",
            (
                f"cxxRecordDecl({_USER}, has(fieldDecl(hasType(cxxRecordDecl({_any(classes)}))"
                ').bind("b_field"))).bind("a_class")'
            ),
        )
    yield (
        "static",
        (
            f"varDecl({_USER}, hasGlobalStorage(), hasType(cxxRecordDecl("
            'has(cxxDestructorDecl(unless(isImplicit()), unless(isDefaulted())).bind("b_dtor")))))'
            '.bind("a_var")'
        ),
    )
    made = f"cxxConstructExpr(hasDeclaration(cxxMethodDecl(ofClass({_named(words.threads)}))))"
    put = (
        'cxxMemberCallExpr(callee(cxxMethodDecl(hasAnyName("emplace_back", "push_back", "emplace"))'
        "), thisPointerType(classTemplateSpecializationDecl(hasAnyTemplateArgument(refersToType("
        f"hasDeclaration({_named(words.threads)}))))))"
    )
    spawned = f"callExpr(callee(functionDecl({_any(words.spawning)})))"
    for name, passed in (
        ("spawnlambda", 'lambdaExpr({}).bind("a_fn")'),
        ("spawnref", 'declRefExpr({}, to(functionDecl().bind("b_callee"))).bind("a_ref")'),
    ):
        inner = f"forEachDescendant({passed.format(_HERE)})"
        for number, spawner in enumerate((made, put, spawned)):
            yield f"{name}-{number}", f'expr({spawner}, {_USER}, {by}, {inner}).bind("d_spawn")'
    # The guard's type is read from the text: no query matches template arguments in a pack.
    with_guard = 'hasType(cxxRecordDecl(hasName("call_guard")))'
    guarded = f'callExpr({_USER}, hasAnyArgument(expr({with_guard}).bind("e_guard")), {by}'
    # In its arguments: before the dot, a chain of calls has the functions of other calls.
    for name, passed in (
        ("callguard", f'lambdaExpr({_HERE}).bind("a_fn")'),
        (
            "callguardref",
            f'declRefExpr(to(functionDecl().bind("b_callee")), {_HERE}).bind("a_ref")',
        ),
    ):
        within = (
            f"forEach(expr(unless(memberExpr()), eachOf({passed}, forEachDescendant({passed}))))"
        )
        yield name, f'{guarded}, {within}).bind("d_spawn")'
    yield from _bound_by(words, by)
    yield (
        "s-throw",
        (
            f"functionDecl(isDefinition(), {_USER}, {_operation(words, cplusplus=True)}, "
            'forEachDescendant(cxxThrowExpr().bind("a_s")))'
        ),
    )


def _bound_by(words: Vocabulary, by: str) -> Iterable[tuple[str, str]]:
    """What a binding library calls, or destroys, for Python."""
    binding = "|".join(name.removeprefix("::") for name in words.bindings)
    definer = f'functionDecl(matchesName("^::({binding})::.*def(_[a-z_]+)?$"))'
    yield (
        "boundlambda",
        (
            f"callExpr({_USER}, callee({definer}), {by}, "
            f'forEachDescendant(lambdaExpr({_HERE}).bind("a_fn"))).bind("d_spawn")'
        ),
    )
    classes = _any(f"{name}::class_" for name in words.bindings)
    first = f'hasDeclaration(cxxRecordDecl({_USER}).bind("b_class"))'
    made = (
        f"classTemplateSpecializationDecl({classes}, hasTemplateArgument(0, refersToType({first})))"
    )
    yield (
        "boundclass",
        (
            f"cxxConstructExpr({_USER}, hasDeclaration(cxxConstructorDecl(ofClass({made})))"
            ').bind("a_call")'
        ),
    )


def _operation(words: Vocabulary, *, cplusplus: bool) -> str:
    """Matches a function whose statements are needed."""
    named = (*words.state_calls, *words.entering, *words.leaving)
    calls = f"hasDescendant(callExpr(callee(functionDecl({_any(named)}))))"
    if not cplusplus:  # a project's pair may stand behind pointers
        return f"anyOf({calls}, hasDescendant(callExpr(unless(callee(functionDecl())))))"
    classes = _any([*words.attaching, *words.detaching, *words.wrapping])
    guard = f"hasDescendant(varDecl(hasType(cxxRecordDecl({classes}))))"
    # This order is faster: most functions have neither.
    return f"anyOf({calls}, {guard})"


def _python_type(*, cplusplus: bool) -> str:
    pointer = f"hasCanonicalType(pointsTo({_PYTHON_RECORD}))"
    if not cplusplus:
        return f"qualType({pointer})"
    wrapper = f"cxxRecordDecl(isSameOrDerivedFrom({_named(_WRAPPERS)}))"
    return (
        f"qualType(anyOf({pointer}, hasDeclaration({wrapper}), "
        f"references(qualType(hasDeclaration({wrapper})))))"
    )


def _any(names: Iterable[str]) -> str:
    listed = sorted(set(names)) or ["::holdfast_names_nothing"]
    return f"hasAnyName({', '.join(chr(34) + name + chr(34) for name in listed)})"


def _named(names: Iterable[str]) -> str:
    return f"cxxRecordDecl({_any(names)})"


# A lock of a mutex that detaches while it waits.
_DETACHING = (
    "classTemplateSpecializationDecl(hasAnyTemplateArgument(refersToType(hasDeclaration("
    f"{_named(_DETACHING_MUTEXES)}))))"
)


def _only_detaching() -> str:
    """Matches arguments that are detaching mutexes, and at most tags besides."""
    other = f"cxxRecordDecl(unless({_any((*_DETACHING_MUTEXES, '::std::adopt_lock_t'))}))"
    detaching, others = (
        f"hasAnyArgument(hasType(hasUnqualifiedDesugaredType(recordType(hasDeclaration({record})))))"
        for record in (_named(_DETACHING_MUTEXES), other)
    )
    return f"{detaching}, unless({others})"
