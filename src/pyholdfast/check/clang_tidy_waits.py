"""Queries for calls that say that they wait: by a timeout, or by their name.

The table of blocking calls has the functions of many libraries, but no project's own library.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyholdfast.check.clang_tidy_matchers import API, USER

__all__ = ["waits"]

# These return at once: the standard library's waits are in the table.
_OTHERS = 'matchesName("^::(std|__gnu_cxx|pybind11|nanobind|holdfast|boost::python)::")'
_A_TIME = 'matchesName("time_?out", "IgnoreCase")'
# What may be done within a time.
_LASTS = (
    "wait|get|recv|receive|read|write|send|take|pop|put|poll|connect|accept|acquire|join|select|request|"
    "call|fetch|events|next|query|transfer|exchange|sync|flush|drain|command|repl(y|ies)|execute"
)
_AT_ONCE = "set|opt|timer|print|parse|format|log|min|max|tostr|to_str|schedule|async"
# Methods without arguments that end when something else has happened.
_ENDS_LATER = "(wait|join|join_all|wait_all|spin|run_forever|main_?loop|event_?loop|[Ee]xec|DoModal|ShowModal)$"
_LOOPS = "(ORB|[Ll]oop|[Ss]ervice|[Aa]pp|Application|[Ss]erver|[Rr]eactor|[Dd]ispatcher)$"


def waits(by: str, *, cplusplus: bool) -> Iterable[tuple[str, str]]:
    """Name and query of each; `by` binds the function that something is in."""
    other = f"unless({API}), unless({_OTHERS})"
    named = (
        f'matchesName("({_LASTS})[^:]*$", "IgnoreCase"), '
        f'unless(matchesName("({_AT_ONCE})[^:]*$", "IgnoreCase"))'
    )
    given = f"declRefExpr(to(varDecl({_A_TIME})))"
    timed = [
        f"callee(functionDecl({other}, {named}, hasAnyParameter(parmVarDecl({_A_TIME}))))",
        f"allOf(callee(functionDecl({other}, {named})), hasAnyArgument(ignoringParenImpCasts({given})))",
    ]
    if cplusplus:
        duration = (
            "hasType(hasUnqualifiedDesugaredType(recordType(hasDeclaration(cxxRecordDecl("
            'hasName("::std::chrono::duration"))))))'
        )
        timed.append(f"allOf(callee(functionDecl({other}, {named})), hasAnyArgument({duration}))")
    for number, query in enumerate(timed):
        yield (
            f"waits-{number}",
            f'callExpr({USER}, {query}, callee(functionDecl().bind("b_callee")), {by}).bind("a_call")',
        )
    ends = f'parameterCountIs(0), matchesName("_(wait|join)$"), {other}'
    yield (
        "waits-named",
        f'callExpr({USER}, callee(functionDecl({ends}).bind("b_callee")), {by}).bind("a_call")',
    )
    if cplusplus:
        method = f'parameterCountIs(0), matchesName("::{_ENDS_LATER}"), {other}'
        run = f'parameterCountIs(0), hasName("run"), ofClass(matchesName("{_LOOPS}")), {other}'
        for name, what in (("method", method), ("run", run)):
            yield (
                f"waits-{name}",
                (
                    f'cxxMemberCallExpr({USER}, callee(cxxMethodDecl({what}).bind("b_callee")), {by})'
                    '.bind("a_call")'
                ),
            )
        shown = 'matchesName("::[A-Z][A-Za-z]*Modal[A-Za-z]*$")'
        yield (
            "waits-modal",
            (
                f"cxxMemberCallExpr({USER}, callee(cxxMethodDecl({shown}, "
                'unless(matchesName("::(Is|Set|Get|End)[^:]*$"))).bind("b_callee")), '
                f'{by}).bind("a_call")'
            ),
        )
