"""Finds the functions whose address is given away: to a table, a pointer, or another function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyholdfast.check.callbacks import (
    Given,
    is_method_table,
    is_pythons_slot,
    is_pythons_table,
    starts_thread,
    table_name,
)
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.declarations import Declarations
from pyholdfast.check.facts import OF_BINDINGS, OF_LIBRARIES, OR, Event, Function, Handed
from pyholdfast.check.neighbours import assigned_to, is_exported, macro_around, names
from pyholdfast.check.written import name_at

__all__ = ["GivenAway"]

_OF_ALLOCATORS = frozenset({"malloc", "calloc", "realloc", "free"})


@dataclass(slots=True)
class GivenAway:
    """The functions that are given away.

    Attributes:
        pointed: the functions that each pointer may point to, by its name.
    """

    declarations: Declarations
    pointed: dict[str, set[Place]] = field(default_factory=dict)

    def find(
        self,
        referred: Sequence[tuple[Place, Place, Place]],
        handed: Sequence[Handed],
        keepers: Mapping[Place, Collection[str]],
    ) -> Iterator[Given]:
        """Mark the functions whose address is taken, and yield those that a library may call.

        Args:
            referred: functions whose address is taken.
            handed: those that are arguments of a call.
            keepers: the pointers that may get one of them, by the place of its name.
        """
        functions = self.declarations.functions
        passed = {item.place: item for item in handed}
        called = {name for function in functions.values() for event in function.events
                  if event.kind == "pointer" for name in event.name.split(OR)}  # fmt: skip
        for target, by, place in referred:
            body = self.declarations.body_of(target, target.file)
            if body is None:
                continue
            marks = functions[body].marks
            pointer = assigned_to(place)
            if pointer:
                self.pointed.setdefault(pointer, set()).add(body)
            user = self.declarations.body_at(by)
            argument = passed.get(place)
            if argument is not None and OF_BINDINGS.search(argument.to.file):
                marks |= {"handed", "bound"}
            elif user is None:
                of_table = _of_table(by)
                marks |= of_table
                if of_table == {"stored"}:
                    yield Given(body, table_name(by), by, place.file, None)
            elif argument is not None:
                yield from self._handed_over(argument, body, functions[user])
            elif pointer and not is_pythons_slot(pointer):
                marks.add("stored" if pointer in called else "foreign")
                yield from _kept(body, pointer, place)
            elif (macro := macro_around(place)) and not macro.startswith(("Py", "_Py")):
                marks.add("stored" if called.intersection(keepers.get(place, ())) else "foreign")
                yield Given(body, macro, place, place.file, None)
            else:
                marks.add("handed")

    def _handed_over(self, handed: Handed, body: Place, user: Function) -> Iterator[Given]:
        """A function that is an argument: of Python's functions, the project's, or a library's."""
        marks = self.declarations.functions[body].marks
        name = name_at(handed.to)[1]
        if name.startswith(("Py", "_Py")) or OF_LIBRARIES.search(handed.to.file):
            marks.add("handed")
        elif self.declarations.body_of(handed.to, handed.to.file) is not None:
            marks.add("stored")
        else:
            marks.add("foreign")
            user.events.append(Event("handover", name, handed.call, handed.to))
            kept = user.body if name == "bind" else None
            how = "spawned" if starts_thread(name) else "function"
            yield Given(
                body, name, handed.place, handed.place.file, handed.call, handed.to, how, kept
            )


def _of_table(variable: Place) -> set[str]:
    """The marks of a function in a table, by the place where the table is declared."""
    if is_method_table(variable):
        return {"table", "method"}
    if is_pythons_table(variable):
        return {"table"}
    # Of an exported table, other extension modules call the functions, as they call Python's.
    exported = is_exported(table_name(variable), variable.file)
    return {"stored", "handed"} if exported else {"stored"}


def _kept(body: Place, pointer: str, place: Place) -> Iterator[Given]:
    """A function that a pointer keeps; Python calls its allocators attached for some domains only."""
    if pointer not in _OF_ALLOCATORS or not names(place.file, "PyMemAllocatorEx"):
        yield Given(body, pointer, place, place.file, None)
