"""Turns the walks through all functions into findings with messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyholdfast.check.api import kind_of
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.facts import Function, Global
from pyholdfast.check.facts_alone import (
    of_bound_waits,
    of_globals,
    of_guarded_objects,
    of_guards,
    of_names,
    of_subinterpreters,
)
from pyholdfast.check.findings import Finding, remedy_for
from pyholdfast.check.flow import Walk
from pyholdfast.check.half_releases import of_half_releases
from pyholdfast.check.kept_objects import of_kept_objects
from pyholdfast.check.leaving import Exit
from pyholdfast.check.program import Program
from pyholdfast.check.record import Problem
from pyholdfast.check.shared_states import of_shared
from pyholdfast.check.states import (
    ATTACHED,
    DETACHED,
    FAILED,
    FINAL,
    LOCK_ALONE,
    UNKNOWN,
    Open,
    State,
    Step,
)
from pyholdfast.check.untested import of_untested
from pyholdfast.check.ways_out import intended
from pyholdfast.check.written import called_at

__all__ = ["judge"]

_OF_OBJECTS = frozenset({"object", "attach", "detach", "local", "construct"})
_UNDONE_BY = {
    "PyGILState_Ensure": "PyGILState_Release()", "PyEval_SaveThread": "PyEval_RestoreThread()",
    "PyEval_RestoreThread": "PyEval_SaveThread()", "PyEval_AcquireThread": "PyEval_ReleaseThread()",
    "PyEval_AcquireLock": "PyEval_ReleaseLock()", "PyThreadState_Swap": "a PyThreadState_Swap() back",
    "PyThreadState_Ensure": "PyThreadState_Release()",
    "PyThreadState_EnsureFromView": "PyThreadState_Release()",
    "PyEval_ReleaseThread": "PyEval_AcquireThread()",
}  # fmt: skip
_WAITS = frozenset({"HF613", "HF614", "HF616"})
_MUST_END = frozenset({"acquire", "saved", "restored", "swapped"})


@dataclass(frozen=True, slots=True)
class _Root:
    """Why a function is entered detached."""

    text: str
    place: Place
    code: str


def judge(program: Program, globals_: Iterable[Global], version: tuple[int, int]) -> list[Finding]:
    """The findings of a program, ordered by place."""
    found: list[Finding] = []
    lonely = not program.is_module
    for function in program.functions.values():
        if function.body not in program.unread:
            found += _of_function(program, function, lonely=lonely)
        found += of_names(function, version)
        found += of_untested(function)
    found += of_guards(program)
    found += of_guarded_objects(program)
    found += of_shared(program.functions.values())
    found += of_half_releases(program)
    found += of_bound_waits(program)
    found += of_kept_objects(program)
    found += of_subinterpreters(program)
    found += of_globals(program, globals_)
    unique: dict[tuple[str, Place, str], Finding] = {}
    for finding in found:  # of several paths, always show the same
        key = (finding.code, finding.place, finding.problem)
        unique[key] = min(unique.get(key, finding), finding, key=_path)
    return sorted(unique.values(), key=lambda f: (f.place, f.code, f.problem))


def _path(finding: Finding) -> list[tuple[Place, str]]:
    return [(step.place, step.text) for step in finding.path]


def _of_function(program: Program, function: Function, *, lonely: bool) -> Iterator[Finding]:
    entry = program.entry_of(function)
    walk = program.walk(function, entry)
    root = _root_of(program, function) if entry == DETACHED else None
    problems = [
        problem
        for problem in walk.effects.problems.values()
        if not (
            problem.code in _WAITS
            and problem.state.since is None
            and program.is_called_detached(function)
        )
    ]
    yield from _grouped(function, problems, root)
    yield from _left_open(function, walk, tested=function.body in program.called)
    if function.name == "main" and not function.owner:
        yield from _too_early(function, walk)
    summary = program.summaries[function.body]
    lonely = (
        entry == UNKNOWN
        and summary.requires == ATTACHED
        and not (summary.attaches and {"signature", "holder"} & function.marks)
        and function.body not in program.called
        and not {"handed", "table"} & function.marks
        and ("foreign" in function.marks or (lonely and not function.local))
        and not function.name.startswith(("~", "operator"))
        and (function.name != "(lambda)" or "foreign" in function.marks)
    )
    if lonely and summary.path:
        first, *deeper = summary.path
        who = "a library calls it" if "foreign" in function.marks else (
            "nothing in the checked files calls it")  # fmt: skip
        yield Finding(
            "HF602",
            first.place,
            f"nothing shows that a thread is attached here: {function.shown} {first.text},"
            f" does not attach, and {who}",
            remedy_for("HF602", first.place),
            function.shown,
            tuple(deeper),
        )


def _root_of(program: Program, function: Function) -> _Root | None:
    given = program.entered.get(function.body)
    if "thread" in function.marks and function.passed is not None:
        by = function.spawner or "a thread"
        return _Root(f"handed to {by}: a new thread is detached", function.passed, "HF607")
    if "call_guard" in function.marks and function.passed is not None:
        return _Root("called by way of call_guard<gil_scoped_release>", function.passed, "HF601")
    if given is not None:
        return _Root(*given, "HF617")
    if function.name == "main":
        return _Root("main() begins without Python", function.place, "HF601")
    return _Root("called detached, as the configuration says", function.place, "HF601")


def _grouped(
    function: Function, problems: Sequence[Problem], root: _Root | None
) -> Iterator[Finding]:
    """Combine the lines of a function that are wrong for the same reason into one finding."""
    groups: dict[tuple[str, Place | None], list[Problem]] = {}
    for problem in problems:
        alike = problem.code in {"HF601", "HF606"}
        key = (problem.code, problem.state.since if alike else problem.place)
        groups.setdefault(key, []).append(problem)
    for group in groups.values():
        group.sort(key=lambda problem: problem.place)
        first = group[0]
        lines = sorted({p.place.line for p in group} - {first.place.line})
        finding = _worded(function, first, root)
        yield replace(finding, also=tuple(lines))


def _worded(function: Function, problem: Problem, root: _Root | None) -> Finding:
    code, state = problem.code, problem.state
    before: list[Step] = []
    if state.since is not None:
        before.append(Step(state.since, _since(state)))
    elif root is not None:
        before.append(Step(root.place, f"{function.shown} is {root.text}"
                           if not root.text.startswith("main") else root.text))  # fmt: skip
        if code == "HF601":
            code = root.code
    called = _called(problem)
    if code == "HF604":
        before += [Step(problem.place, text) for text in _not_tested(state)]
    words = {
        "HF601": f"{called} is called without an attached thread state",
        "HF604": f"{called} gives up an attached thread state that the thread does not have"
        if state.mode != ATTACHED
        else f"{called} undoes an attach that was not made: {state.why}() has attached the thread",
        "HF605": f"{called} waits for ever: the thread is attached already",
        "HF606": f"{called} is called after Python has ended",
        "HF607": f"{called} is called by a thread that never attached",
        "HF617": f"{called} is called by a callback that never attached",
        "HF616": f"{called} may take long while the thread is attached; all others wait with it",
        "HF613": f"{called} may block while the thread is attached; all others wait with it",
        "HF614": f"{problem.name} may wait for a mutex while the thread is attached",
    }
    path = (*before, *problem.path)
    remedy = remedy_for(code, problem.place)
    return Finding(code, problem.place, words[code], remedy, function.shown, path)


def _called(problem: Problem) -> str:
    """What is done at a problem's place, as the subject of a sentence."""
    if problem.kind == "destroy":
        return f"the destructor of {problem.name}"
    if problem.kind in _OF_OBJECTS:
        end = "destructor" if problem.kind == "object" else "constructor"
        return f"the {end} of {problem.name}"
    if problem.name == "(lambda)":
        return "the lambda"
    if problem.kind in {"named", "block"} and "::" in problem.name:
        return f"{problem.name}()"
    written = called_at(problem.place)
    if problem.kind in {"pointer", "storedcall"} or not written:
        return f"{problem.name}()"
    return written if problem.name.isupper() else f"{written}()"


def _not_tested(state: State) -> Iterator[str]:
    """The conditions under which a thread gets here without what it gives up."""
    for condition, holds in sorted(state.assumed):
        yield f"on the path where '{condition}' {'holds' if holds else 'does not hold'}"
    if state.mode != ATTACHED and not state.assumed and not state.why.startswith(FAILED):
        yield "no condition keeps a detached thread from getting here"


def _since(state: State) -> str:
    if state.why.startswith(FAILED):
        return f"{state.why.removeprefix(FAILED)}: it may not have attached, and nothing tests that"
    if state.why.startswith("the end of") and state.mode != FINAL:
        return f"detached again by {state.why}"
    if state.why == LOCK_ALONE:
        return "PyEval_AcquireLock() takes the GIL here, and attaches no thread state"
    by = "the lambda at the end of its scope" if state.why == "(lambda)" else state.why
    if state.mode == ATTACHED:
        return f"attached here, by {by}"
    if state.mode == DETACHED:
        return f"detached here, by {by}"
    return f"ended here, by {by}"


def _too_early(function: Function, walk: Walk) -> Iterator[Finding]:
    """Attaches in main() before the Python that it starts later."""
    starts = [event for event in function.events if kind_of(event.name) == "start"]
    objects = [event for event in function.events if event.kind.startswith("starter")]
    for place, event in walk.effects.early.items():
        if any(started.place < place for started in objects):
            continue
        later = [start for start in starts if start.place > place]
        if later and len(later) == len(starts):
            yield Finding(
                "HF606",
                place,
                f"{event.name}() attaches before Python has started",
                "do it after Python has started",
                function.shown,
                (Step(later[0].place, f"{later[0].name}() starts it here"),),
            )


def _left_open(function: Function, walk: Walk, *, tested: bool) -> Iterator[Finding]:
    """Pairs that are still open on some way out of a function."""
    if function.name == "main" and not function.owner:
        return
    left: dict[Place, list[tuple[Open, Exit]]] = {}
    for end in walk.exits:
        for entry in end.state.open:
            if entry.kind not in _MUST_END or entry.refusable == "guarded":
                continue
            lost = entry.kind not in {"restored", "swapped"} and _is_lost(walk, entry)
            if not end.thrown and end.place in intended(walk, entry, tested=tested, lost=lost):
                continue
            if entry.kind == "saved" and not entry.token:
                continue  # the saved state was dropped: another one is to be restored
            if entry.place in walk.effects.closed or lost:
                left.setdefault(entry.place, []).append((entry, end))
    answered = walk.effects.is_answered_for
    for ways in left.values():  # an accepted one does not stand for the others
        unanswered = [way for way in ways if not answered(way[1].place, "HF603")]
        (entry, first), *others = unanswered or ways
        also = {end.place.line for _, end in others} - {first.place.line}
        yield replace(_open_finding(function, entry, first), also=tuple(sorted(also)))


def _open_finding(function: Function, entry: Open, end: Exit) -> Finding:
    undo = _UNDONE_BY.get(entry.name, "its counterpart")
    how = "throws" if end.thrown else "ends"
    return Finding(
        "HF603",
        end.place,
        f"{function.shown} {how} here without {undo} for the {entry.name}() of line"
        f" {entry.place.line}",
        remedy_for("HF603", end.place),
        function.shown,
        (Step(entry.place, f"{entry.name}() is called here"),),
    )


def _is_lost(walk: Walk, entry: Open) -> bool:
    """Whether a call can no longer be undone, because its result is lost at the function's end."""
    if entry.token in {"", "return", "call", "swap", "member"}:  # dropped: it is meant to stay
        return False
    if entry.token == "_save":  # noqa: S105 - the variable of Py_BEGIN_ALLOW_THREADS
        return _is_saved_by_macro(walk, entry)
    if walk.body is None:
        return False
    tokens = walk.source.tokens
    declared = False
    for position in range(walk.body.start, walk.body.stop - 1):
        if tokens[position].text != entry.token or tokens[position].kind != "word":
            continue
        before = tokens[position - 1].text
        if before in {"PyGILState_STATE", "auto", "const", "PyThreadStateToken"} or (
            before == "*" and tokens[position - 2].text in {"PyThreadState", "PyThreadStateToken"}
        ):
            declared = tokens[position - 2].text != "static"
        elif (
            before in {"return", "&", "="}
            or tokens[position - 1].text in {"->", "."}
            or (before in {"(", ","} and not _given_back(walk, position))
        ):
            return False
    return declared


def _is_saved_by_macro(walk: Walk, entry: Open) -> bool:
    """Whether the variable comes from the function's own Py_BEGIN_ALLOW_THREADS, a macro of Python's."""
    event = next((e for e in walk.function.events if e.place == entry.place and e.order), None)
    if event is None or not any(spelled.file.endswith("ceval.h") for spelled in event.order):
        return False
    if walk.body is None:
        return True
    words = {walk.source.tokens[n].text for n in range(walk.body.start, walk.body.stop)}
    return "Py_UNBLOCK_THREADS" not in words or "Py_BEGIN_ALLOW_THREADS" in words


def _given_back(walk: Walk, position: int) -> bool:
    """Whether a token is an argument of a call that undoes an earlier one."""
    function = walk.source.tokens[position - 2].text
    return kind_of(function) in {"release", "restore"} and function.startswith("Py")
