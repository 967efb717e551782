"""Queries for calls that say that they wait: by a timeout, or by their name.

The table of blocking calls has the functions of many libraries, but no project's own library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyholdfast.check.clang_tidy_matchers import API, HERE, USER, any_of

__all__ = ["bound_waits", "waits"]

# These return at once: the standard library's waits are in the table.
_OTHERS = 'matchesName("^::(std|__gnu_cxx|pybind11|nanobind|holdfast|boost::python)::")'
_A_TIME = 'matchesName("time_?out", "IgnoreCase")'
# What may be done within a time.
_LASTS = (
    "wait|get|recv|receive|read|write|send|take|pop|put|poll|connect|accept|acquire|join|select|request|"
    "call|fetch|events|next|query|transfer|exchange|sync|flush|drain|command|repl(y|ies)|execute"
)
_A_SETTING = 'matchesName("(get|is|has)_?[a-z_]*time_?outs?$", "IgnoreCase")'
_AT_ONCE = "set|opt|timer|print|parse|format|log|min|max|tostr|to_str|schedule|async"
# Methods without arguments that end when something else has happened.
_ENDS_LATER = "(wait|join|join_all|wait_all|spin|run_forever|main_?loop|event_?loop|[Ee]xec|DoModal|ShowModal)$"
_LOOPS = "(ORB|[Ll]oop|[Ss]ervice|[Aa]pp|Application|[Ss]erver|[Rr]eactor|[Dd]ispatcher)$"


# Names of functions that are given a statement and do not wait for it.
_ONLY_TEXT = "printf|format|log|set|parse|prepare|escape|build|async|send"
_OTHER = f"unless({API}), unless({_OTHERS})"
_NAMED = (
    f'matchesName("({_LASTS})[^:]*$", "IgnoreCase"), unless({_A_SETTING}), '
    f'unless(matchesName("({_AT_ONCE})[^:]*$", "IgnoreCase"))'
)
# Parameters come first, as most functions have none of these names.
_TIMED = f"hasAnyParameter(parmVarDecl({_A_TIME})), {_NAMED}"
_WITH_A_TIME = f"functionDecl({_OTHER}, {_TIMED})"
# It may take so long that its caller wants to stop it.
_CAN_BE_STOPPED = 'matchesName("cancell(er|ation)|stop_?token", "IgnoreCase")'
# These only ask whether it is to stop, or leave the work to somebody else.
_NOT_ITSELF = (
    "(make|create|throw|raise|cancel|stop|register|submit|spawn|start|launch|enqueue|"
    "dispatch|defer|begin)[^:]*|(check|test)(_?(cancel|stop)[^:]*)?|then|post|[^:]*(async|schedule)[^:]*"
)
# Not hash_all() or isolate().
_OF_ITS_STATE = 'matchesName("::([Ss]et|[Gg]et|[Ii]s|[Hh]as|[Aa]dd)([_A-Z0-9][^:]*)?$")'
_STOPPED = (
    f"hasAnyParameter(parmVarDecl({_CAN_BE_STOPPED})), "
    f"unless(cxxConstructorDecl()), unless({_OF_ITS_STATE}), "
    f'unless(matchesName("::({_NOT_ITSELF})$", "IgnoreCase"))'
)
_STOPPABLE = f"functionDecl({_OTHER}, {_STOPPED})"
_ENDS = f'parameterCountIs(0), matchesName("::{_ENDS_LATER}")'
_ENDING = f"cxxMethodDecl({_ENDS}, {_OTHER})"
_RUNS = f'parameterCountIs(0), hasName("run"), ofClass(matchesName("{_LOOPS}"))'
_RUNNING = f"cxxMethodDecl({_RUNS}, {_OTHER})"


def waits(by: str, *, cplusplus: bool) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    # Of which the text is read: no query matches what a string says.
    asking = (
        'functionDecl(matchesName("(query|exec|execute|sql)[^:]*$", "IgnoreCase"), '
        f'unless(matchesName("({_ONLY_TEXT})[^:]*$", "IgnoreCase")))'
    )
    text = "ignoringParenImpCasts(stringLiteral())"
    if cplusplus:  # a std::string is made of it
        text = f"expr(anyOf({text}, hasDescendant(stringLiteral())))"
    other = f"callee(functionDecl({_OTHER}))"  # the first condition of all: it is asked once
    found = f'callee(functionDecl().bind("b_callee")), {by}).bind("a_call")'
    yield (
        "statement",
        f"callExpr({USER}, {other}, callee({asking}), hasAnyArgument({text}), {found}",
    )
    given = f"ignoringParenImpCasts(declRefExpr(to(varDecl({_A_TIME}))))"
    named = f"callee(functionDecl({_NAMED}))"
    queries = [
        f"{other}, callee(functionDecl({_TIMED}))",
        f"{other}, callee(functionDecl({_STOPPED}))",
        f"{other}, hasAnyArgument({given}), {named}",
        f'{other}, callee(functionDecl(parameterCountIs(0), matchesName("_(wait|join)$")))',
    ]
    if cplusplus:
        duration = (
            "hasType(hasUnqualifiedDesugaredType(recordType(hasDeclaration(cxxRecordDecl("
            'hasName("::std::chrono::duration"))))))'
        )
        modal = (
            'cxxMethodDecl(matchesName("::[A-Z][A-Za-z]*Modal[A-Za-z]*$"), '
            'unless(matchesName("::(Is|Set|Get|End)[^:]*$")))'
        )
        queries.append(f"{other}, hasAnyArgument({duration}), {named}")
        queries += [f"{other}, callee(cxxMethodDecl({method}))" for method in (_ENDS, _RUNS)]
        queries.append(f"callee({modal})")
    for number, query in enumerate(queries):
        yield f"waits-{number}", f"callExpr({USER}, {query}, {found}"


def bound_waits(bindings: Sequence[str], blocking: Iterable[str], by: str) -> tuple[str, str]:
    """Name and query of functions that wait, and are bound by their address without a guard."""
    names = "|".join(name.removeprefix("::") for name in bindings)
    definer = f'functionDecl(matchesName("^::({names})::.*def(_[a-z_]+)?$"))'
    named = f"{_WITH_A_TIME}, {_STOPPABLE}, {_ENDING}, {_RUNNING}"
    waiting = f"functionDecl(anyOf({any_of(blocking)}, {named}))"
    # Of overloaded functions, a variable often keeps the address of one; another variable's value
    # may be a lambda, or come of a call.
    pointer = "hasType(hasUnqualifiedDesugaredType(anyOf(pointerType(), memberPointerType())))"
    of_it = f'declRefExpr(to({waiting}.bind("b_callee")))'
    kept = f"varDecl({pointer}, hasInitializer(hasDescendant({of_it})))"
    bound = f'declRefExpr(to(anyOf({waiting}.bind("b_callee"), {kept})), {HERE}).bind("a_ref")'
    guard = 'hasAnyArgument(hasType(cxxRecordDecl(hasName("call_guard"))))'
    # In its arguments: before the dot, a chain of calls has the functions of other calls.
    within = f"forEach(expr(unless(memberExpr()), eachOf({bound}, forEachDescendant({bound}))))"
    return "boundwaits", f"callExpr({USER}, callee({definer}), unless({guard}), {by}, {within})"
