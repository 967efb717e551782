"""The matchers that clang-tidy's queries are made of, and the names that they look for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "API",
    "BOUND",
    "DETACHING",
    "HERE",
    "NOT_API",
    "NOT_BUILT_IN",
    "OWNERS",
    "USER",
    "Vocabulary",
    "any_of",
    "class_named",
    "only_detaching",
    "python_type_matcher",
    "works_with_states",
]

# A PyObject, a structure that begins like one, and the classes of the binding libraries.
BOUND = (
    "::pybind11::handle",
    "::nanobind::handle",
    "::boost::python::api::object_base",
)
_WRAPPERS = (*BOUND, "::holdfast::object")  # holdfast's own attaches by itself when it has to
# Classes whose destructor drops a reference.
OWNERS = ("::pybind11::object", "::nanobind::object", "::boost::python::api::object_base")
# Mutexes that detach a thread while it waits for them.
_DETACHING_MUTEXES = ("::holdfast::mutex", "::holdfast::shared_mutex")
_PYTHON_RECORD = (
    'recordDecl(anyOf(hasName("::_object"), has(fieldDecl(hasAnyName("ob_base", "ob_type")))))'
)
USER = "unless(isExpansionInSystemHeader())"
# A project's own class or namespace may also be called Py...
_OF_PYTHON = 'matchesName("^::_?Py[A-Z_][A-Za-z0-9_]*$")'
API = f"functionDecl({_OF_PYTHON})"
NOT_API = f"unless({_OF_PYTHON})"
# The compiler declares its builtin functions at their first use.
HERE = 'forFunction(functionDecl(equalsBoundNode("c_by")))'
NOT_BUILT_IN = 'unless(matchesName("^::__(builtin|atomic|sync|c11)_"))'

_FEW = 4  # names that are compared one by one


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


def works_with_states(words: Vocabulary, *, cplusplus: bool) -> str:
    """Matches a function whose statements are needed."""
    named = (*words.state_calls, *words.entering, *words.leaving)
    calls = f"hasDescendant(callExpr(callee(functionDecl({any_of(named)}))))"
    if not cplusplus:  # a project's pair may stand behind pointers
        return f"anyOf({calls}, hasDescendant(callExpr(unless(callee(functionDecl())))))"
    classes = any_of([*words.attaching, *words.detaching, *words.wrapping])
    guard = f"hasDescendant(varDecl(hasType(cxxRecordDecl({classes}))))"
    # This order is faster: most functions have neither.
    return f"anyOf({calls}, {guard})"


def python_type_matcher(*, cplusplus: bool) -> str:
    """Matches the types of Python objects; in C++ also those of the binding libraries."""
    pointer = f"hasCanonicalType(pointsTo({_PYTHON_RECORD}))"
    if not cplusplus:
        return f"qualType({pointer})"
    wrapper = f"cxxRecordDecl(isSameOrDerivedFrom({class_named(_WRAPPERS)}))"
    return (
        f"qualType(anyOf({pointer}, hasDeclaration({wrapper}), "
        f"references(qualType(hasDeclaration({wrapper})))))"
    )


def any_of(names: Iterable[str]) -> str:
    """Matches what has one of the names, or nothing if there are none."""
    listed = set(names) or {"::holdfast_names_nothing"}
    matcher = _listed(listed)
    if len(listed) <= _FEW or not any("::" in name for name in listed):
        return matcher
    # clang compares a list of qualified names in quadratic time, and one of plain names in linear.
    return f"allOf({_listed({name.rpartition('::')[2] for name in listed})}, {matcher})"


def _listed(names: Collection[str]) -> str:
    return f"hasAnyName({', '.join(chr(34) + name + chr(34) for name in sorted(names))})"


def class_named(names: Iterable[str]) -> str:
    """Matches the classes of these names."""
    return f"cxxRecordDecl({any_of(names)})"


# A lock of a mutex that detaches while it waits.
DETACHING = (
    "classTemplateSpecializationDecl(hasAnyTemplateArgument(refersToType(hasDeclaration("
    f"{class_named(_DETACHING_MUTEXES)}))))"
)


def only_detaching() -> str:
    """Matches arguments that are detaching mutexes, and at most tags besides."""
    other = f"cxxRecordDecl(unless({any_of((*_DETACHING_MUTEXES, '::std::adopt_lock_t'))}))"
    detaching, others = (
        f"hasAnyArgument(hasType(hasUnqualifiedDesugaredType(recordType(hasDeclaration({record})))))"
        for record in (class_named(_DETACHING_MUTEXES), other)
    )
    return f"{detaching}, unless({others})"
