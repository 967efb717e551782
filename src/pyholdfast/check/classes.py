"""What the objects of a class do to the thread: when they begin, and when they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.api import kind_of
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.destructors import end_of
from pyholdfast.check.facts import UnitFacts
from pyholdfast.check.states import ATTACHED, DETACHED, UNKNOWN, Summary
from pyholdfast.check.transitions import IF_RUNNING, Guard

__all__ = ["Classes"]

_NO_OP_WHERE_DETACHED = frozenset({"detach_guard"})


@dataclass(slots=True)
class Classes:
    """The classes of all files.

    Attributes:
        bodies: of the functions, by class and name.
        summaries: of the functions.
    """

    bodies: Mapping[tuple[str, str], list[Place]]
    summaries: Mapping[Place, Summary]
    _members: dict[str, set[str]] = field(default_factory=dict)
    _with_guard: dict[str, str] = field(default_factory=dict)
    _guards: dict[str, Guard | None] = field(default_factory=dict)
    _presets: dict[str, str] = field(default_factory=dict)

    def add(self, unit: UnitFacts) -> None:
        """Add those of one file."""
        for owner, held in unit.members.items():
            self._members.setdefault(owner, set()).update(held)
        self._with_guard.update(unit.guard_fields)
        self._presets.update(unit.presets)

    def forget(self) -> None:
        """Decide again what a guard is, as summaries have changed."""
        self._guards.clear()

    def end_of(self, name: str, place: Place) -> Summary | None:
        """What the end of an object of a class does."""
        return end_of(name, self._destructor_of, self._members, place)

    def _destructor_of(self, name: str) -> Summary | None:
        bodies = self.bodies.get((name, "~" + name), ())
        return next((self.summaries[body] for body in bodies if body in self.summaries), None)

    def guard_of(self, kind: str, name: str) -> Guard | None:
        """The guard that a variable of a class is; None if it is none."""
        if kind in {"attach", "detach"}:
            needs = kind == "detach" and name not in _NO_OP_WHERE_DETACHED
            return Guard(kind, ATTACHED if needs else UNKNOWN)
        if kind == "bindinglocal":
            return Guard("object")
        if name not in self._guards:
            self._guards[name] = self._class_as_guard(name)
        return self._guards[name]

    def _class_as_guard(self, name: str) -> Guard | None:
        makers = [self.summaries.get(body) for body in self.bodies.get((name, name), ())]
        enders = [self.summaries.get(body) for body in self.bodies.get((name, "~" + name), ())]
        effects, requires = self._begun(name, makers)
        ends = {summary.effect for summary in enders if summary is not None}
        if "end" in ends and effects & {"begin", "start"}:
            return Guard("python", leaves=ATTACHED if "start" in effects else DETACHED)
        if "acquire" in effects and "release" in ends:
            return Guard("attach", requires)
        if "restore" in effects and ("save" in ends or any(s and s.detaches for s in enders)):
            return Guard("attach", UNKNOWN)
        if _attaches_perhaps(makers) and any(s and s.requires == ATTACHED for s in enders):
            return Guard("attach", UNKNOWN)  # its end needs what its constructor attached
        if "save" in effects and "restore" in ends:
            return Guard("detach", requires)
        if any(s is not None and s.may_save for s in makers) and "varies" in ends:
            return Guard("detach", requires)  # if attached; else the thread stays detached
        if name in self._with_guard:
            return Guard(self._with_guard[name])
        undone = ends & {"restore", "varies", "release"}
        if undone and not effects - {""}:  # what it undoes began before it, and was given to it
            return Guard("undo", leaves="acquire" if "release" in undone else "saved")
        if not self._needs_python_to_end(name, enders):
            return None
        tested = any(s is not None and s.if_running for s in enders)
        return Guard("object", leaves=IF_RUNNING if tested else UNKNOWN)

    def _begun(self, name: str, makers: Sequence[Summary | None]) -> tuple[set[str], str]:
        """What the creation of an object does to the thread, and the mode that it requires."""
        if name in self._presets:
            preset = kind_of(self._presets[name])
            return {preset}, ATTACHED if preset == "save" else UNKNOWN
        known = [summary for summary in makers if summary is not None]
        return {s.effect for s in known}, next((s.requires for s in known), UNKNOWN)

    def _needs_python_to_end(self, name: str, enders: Sequence[Summary | None]) -> bool:
        """Whether the end of an object does nothing but need Python."""
        if any(s is not None and s.requires == ATTACHED and not s.effect for s in enders):
            return True
        if any(s is not None and s.effect for s in enders):
            return False
        ended = self.end_of(name, Place("", 0, 0))
        return ended is not None and ended.requires == ATTACHED and not ended.effect


def _attaches_perhaps(makers: Sequence[Summary | None]) -> bool:
    """Whether a constructor attaches, unless a test in it says otherwise."""
    return any(s is not None and s.effect == "varies" and s.attaches for s in makers)
