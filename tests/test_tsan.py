"""The gate, the records and the fork handlers under stress, without Python.

Three builds of the same programs. ``tsan``: under ThreadSanitizer, which needs both sides of the
gate to pay for the barrier. ``plain``: as hosts are built, so with membarrier(2) where the kernel
has it. ``spread``: the same with random pauses before every access to an atomic of the gate. The
mutants show that the programs see what they are there for.

Each program prints ``HOLDFAST_SEED=n``; with that in the environment its threads take the same
decisions again (the scheduler's are its own).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, run_command
from pyholdfast import paths
from pyholdfast.toolchain.compiler import find_compiler
from source_text import count_in, replace_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Build = Callable[..., Path]

SOURCES = Path(__file__).resolve().parent / "tsan"
STRICT = ("-std=c++17", "-g", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
FLAGS = {"tsan": ("-O1", "-fsanitize=thread"), "plain": ("-O2",), "spread": ("-O2",)}
HUNG_AFTER_S = 40
QUICK_MS = 1_000
LONG_MS = 20_000
PAUSED = re.compile(r"([A-Za-z_][\w.]*(?:->[\w.]+)?)\.(load|store|exchange)\(")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing left out of a header, and the program that must notice.

    Attributes:
        name: what is left out.
        header: file below include/holdfast.
        text: what stands there; exactly once, or the mutant is out of date.
        instead: what to put in its place.
        program: which stress sees it.
        builds: in which of the builds it must be seen.
    """

    name: str
    header: str
    text: str
    instead: str
    program: str
    builds: tuple[str, ...]


MUTANTS = (
    Mutant("a future made ready without an order", "async/settle_promise.hpp",
           "_M_store_notify_all(ready, std::memory_order_release)",
           "_M_store_notify_all(ready, std::memory_order_relaxed)", "futures", ("tsan",)),
    Mutant("a future without its result", "async/settle_promise.hpp",
           ".reset(result.release());", ".reset(nullptr);", "futures", ("plain",)),
    Mutant("enter without a second look", "gate/gate.hpp",
           "if (publish(entry.inside_, 1) == open_state)",
           "publish(entry.inside_, 1);\n        if (is_open() || !is_open())",
           "gate", ("tsan", "spread")),
    Mutant("leave without a wake", "gate/gate.hpp",
           "            wake();", "            return;", "gate", ("tsan", "plain")),
    Mutant("notify without the mutex", "gate/gate.hpp",
           "{ const mutex_hold hold(mutex_); }\n", "\n", "gate", ("tsan", "spread")),
    Mutant("close without the process-wide barrier", "gate/gate.hpp",
           "            process_wide_barrier();  // C2", "            {}", "gate", ("plain",)),
    Mutant("relaxed stores on the fast path", "gate/gate.hpp",
           "        word.store(value, std::memory_order_seq_cst);",
           "        word.store(value, std::memory_order_relaxed);", "gate", ("tsan",)),
    Mutant("a guard dropped without a wake", "gate/gate.hpp",
           "            unlink_locked(entry);\n        }\n        emptier_.notify_all();",
           "            unlink_locked(entry);\n        }", "gate", ("tsan", "plain")),
    Mutant("a look at all entries without the mutex", "gate/gate.hpp",
           "const mutex_hold hold(mutex_);\n"
           "        for (const gate_entry *entry = first_; entry != nullptr; entry = entry->next)\n"
           "            if (entry->inside_",
           "for (const gate_entry *entry = first_; entry != nullptr; entry = entry->next)\n"
           "            if (entry->inside_", "gate", ("tsan",)),
    Mutant("a link without the mutex", "gate/gate.hpp",
           "const mutex_hold hold(mutex_);\n        link_locked(entry);",
           "link_locked(entry);", "gate", ("tsan", "plain")),
    Mutant("one entry not counted", "gate/gate.hpp",
           "entry != nullptr; entry = entry->next)\n            inside",
           "entry != nullptr && entry->next != nullptr; entry = entry->next)\n            inside",
           "gate", ("tsan", "plain")),
    Mutant("a thread's end that leaves its entries linked", "process/shared_records.ipp",
           "    unlink_slots(*record);\n", "", "threads", ("tsan", "plain")),
    Mutant("the gate opened before the generation is raised", "gate/registry.hpp",
           "        record.door.forget_stopped_threads();\n        {",
           "        record.door.forget_stopped_threads();\n        record.door.open();\n        {",
           "threads", ("tsan", "plain")),
    Mutant("one retired record given to two", "gate/registry.hpp",
           "record->claimed = interpreter;", "", "threads", ("tsan",)),
    Mutant("a chain of drops written without its mutex", "attach/deferred.ipp",
           "const mutex_hold hold(ref.record->drops_mutex);", "",
           "threads", ("tsan",)),
    Mutant("a drop that does not ask for the generation", "attach/deferred.ipp",
           "ref.record->generation.load(std::memory_order_acquire) == ref.generation", "true",
           "threads", ("tsan", "plain")),
    Mutant("an open gate after a fork", "process/shared_records.ipp",
           "before == closed_reason::none || before == closed_reason::finalizing",
           "before == closed_reason::finalizing", "fork", ("tsan", "plain")),
    Mutant("a drain that a forked child waits for", "process/shared_records.ipp",
           "before == closed_reason::none || before == closed_reason::finalizing",
           "before == closed_reason::none", "fork", ("tsan", "plain")),
    Mutant("a finalized interpreter that a fork brings back", "process/shared_records.ipp",
           "before == closed_reason::none || before == closed_reason::finalizing",
           "before != closed_reason::not_started", "fork", ("tsan", "plain")),
    Mutant("entries of threads that the child does not have", "process/shared_records.ipp",
           "return entry.thread_id == self;", "return true || entry.thread_id == self;",
           "fork", ("tsan", "plain")),
    Mutant("a guard taken out of the child's gate twice", "gate/gate.hpp",
           "                entry->inside_.store(0, std::memory_order_relaxed);\n                unlink_locked",
           "                unlink_locked", "fork", ("tsan", "plain")),
    Mutant("a queue that wakes nobody", "pools/queue.hpp",
           "const bool wake = asleep_ > tickets_ && on_their_way_ < arrivals_;", "const bool wake = false;",
           "queue", ("tsan", "plain")),
    Mutant("an arrival that does not wake the next", "pools/queue.hpp",
           "        if (!items_.empty())\n            wake_one(hold);",
           "        if (items_.size() > 1000)\n            wake_one(hold);", "queue", ("tsan", "plain")),
    Mutant("a ticket that is never given back", "pools/queue.hpp",
           "                --on_their_way_;  //", "                //", "queue", ("tsan", "plain")),
    Mutant("room that nobody is told of", "pools/queue.hpp",
           "        if (wanted)\n            room_.notify_one();", "        (void)wanted;", "queue", ("tsan", "plain")),
    Mutant("an idle queue that nobody is told of", "pools/queue.hpp",
           "        idle_.notify_all();", "        ;", "queue", ("tsan", "plain")),
    Mutant("a worker let into an empty queue", "pools/queue.hpp",
           "if (!items_.empty() && (woken || closed_ || on_their_way_ < arrivals_))",
           "if (woken || (!items_.empty() && (closed_ || on_their_way_ < arrivals_)))",
           "queue", ("tsan", "plain")),
    Mutant("a turn for everybody", "lifecycle/interpreter_creation_lock.hpp",
           "return record.depth == 0 ||", "return true || record.depth == 0 ||", "interpreter_creation_lock", ("tsan", "plain")),
    Mutant("a turn that nobody is told of", "lifecycle/interpreter_creation_lock.hpp",
           "            record.over.notify_all();", "            return;", "interpreter_creation_lock", ("tsan", "plain")),
    Mutant("a turn that ends with the inner one", "lifecycle/interpreter_creation_lock.hpp",
           "--record.depth == 0)", "(record.depth = 0) == 0)", "interpreter_creation_lock", ("tsan", "plain")),
    Mutant("a worker that is not counted", "pools/queue.hpp",
           "return items_.empty() && workers_ == 0;", "return items_.empty();", "queue", ("tsan", "plain")),
)  # fmt: skip


def copy_headers(folder: Path, *, pauses: bool, mutant: Mutant | None = None) -> Path:
    """A copy of the runtime's headers that do not need Python, with changes if given."""
    include = folder / "include"
    shutil.copytree(paths.include_dir(), include)
    shutil.copy(SOURCES / "stand_in_python.hpp", include / "holdfast" / "python.hpp")
    shutil.copy(
        SOURCES / "stand_in_delete_state.hpp", include / "holdfast" / "attach" / "delete_state.hpp"
    )
    if mutant is not None:
        header = include / "holdfast" / mutant.header
        text = header.read_text("utf-8")
        assert count_in(text, mutant.text) == 1, f"{mutant.header} has changed: {mutant.text!r}"
        header.write_text(replace_in(text, mutant.text, mutant.instead), "utf-8")
    if pauses:
        header = include / "holdfast" / "gate" / "gate.hpp"
        text, accesses = PAUSED.subn(r"(::stress::point(), \1).\2(", header.read_text("utf-8"))
        look = "return count_locked() == 0;"
        assert accesses > 10, accesses
        assert look in text, look
        text = text.replace(look, "return ::stress::then_point(count_locked() == 0);")
        header.write_text(f'#include "stress.hpp"\n{text}', "utf-8")
    return include


def compile_to(out: Path, source: str, include: Path, options: Sequence[str]) -> Path:
    """Compile one source of tests/tsan."""
    command = [*find_compiler().command, *STRICT, *options, "-pthread", f"-I{include}", f"-I{SOURCES}",
               str(SOURCES / source), "-o", str(out), "-ldl"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def build(folder: Path, program: str, kind: str, mutant: Mutant | None = None) -> Path:
    """Compile a stress program, or skip if this machine has no ThreadSanitizer."""
    include = copy_headers(folder, pauses=kind != "plain", mutant=mutant)
    if kind == "tsan":
        empty = folder / "empty.cpp"
        empty.write_text("int main() {}\n", "utf-8")
        try:
            compile_to(folder / "empty", str(empty), include, FLAGS[kind])
            usable = run_command([str(folder / "empty")], deadline_s=HUNG_AFTER_S).code == 0
        except AssertionError:
            usable = False
        if not usable:
            pytest.skip("this compiler has no ThreadSanitizer that runs here")
    return compile_to(folder / program, f"{program}.cpp", include, FLAGS[kind])


def run_stress(binary: Path, milliseconds: int, *, hung_after_s: float = HUNG_AFTER_S) -> Outcome:
    """Run a stress program; ThreadSanitizer's first report ends it."""
    options = "halt_on_error=1 exitcode=66 die_after_fork=0"
    return run_command(
        [str(binary), str(milliseconds)],
        environ={**os.environ, "TSAN_OPTIONS": options},
        deadline_s=milliseconds / 1000 + hung_after_s,
    )


@pytest.mark.parametrize("kind", ["tsan", "plain", "spread"])
@pytest.mark.parametrize(
    "program", ["gate", "threads", "fork", "queue", "futures", "interpreter_creation_lock"]
)
def test_nothing_breaks_under_stress(program: str, kind: str, tmp_path: Path) -> None:
    """No assertion fails, ThreadSanitizer reports nothing, and nothing hangs, in one second."""
    outcome = run_stress(build(tmp_path, program, kind), QUICK_MS)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["tsan", "plain", "spread"])
@pytest.mark.parametrize(
    "program", ["gate", "threads", "fork", "queue", "futures", "interpreter_creation_lock"]
)
def test_nothing_breaks_under_long_stress(
    program: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same for longer, with its figures."""
    outcome = run_stress(build(tmp_path, program, kind), LONG_MS)
    with capsys.disabled():
        print(f"\n  {program} {kind}: {outcome.out.splitlines()[-1]}", end=" ")

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
@pytest.mark.parametrize(
    ("mutant", "kind"),
    [
        pytest.param(mutant, kind, id=f"{mutant.name.replace(' ', '-')}-{kind}")
        for mutant in MUTANTS
        for kind in mutant.builds
    ],
)
def test_a_header_with_a_needed_thing_left_out_is_caught(
    mutant: Mutant, kind: str, tmp_path: Path
) -> None:
    """A run of a few seconds fails or hangs, within ten runs."""
    binary = build(tmp_path, mutant.program, kind, mutant)
    if "process-wide barrier" in mutant.name:
        first = run_stress(binary, QUICK_MS, hung_after_s=5)
        if first.code == 0 and "asymmetric" not in first.out:
            pytest.skip("this kernel has no membarrier(2): the gate does not use it")
    outcomes = (run_stress(binary, 3 * QUICK_MS, hung_after_s=5) for _ in range(10))
    caught = next((outcome for outcome in outcomes if outcome.code != 0), None)

    assert caught is not None
    assert caught.ending in ("hang", "crash") or caught.err, caught.explain()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_every_mutant_still_fits_its_header(mutant: Mutant, tmp_path: Path) -> None:
    """If an edit of a header makes a mutant stale, this test says so."""
    copy_headers(tmp_path, pauses=True, mutant=mutant)


def test_a_seed_that_is_given_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed that a failing run printed can be given to the next run."""
    monkeypatch.setenv("HOLDFAST_SEED", "123")
    outcome = run_stress(build(tmp_path, "gate", "plain"), 10)

    assert outcome.out.splitlines()[0] == "HOLDFAST_SEED=123", outcome.explain()


@pytest.mark.parametrize("kind", ["tsan", "plain"])
def test_a_thread_that_ends_inside_is_not_waited_for(kind: str, tmp_path: Path) -> None:
    """The closer wakes up although the thread did not leave through the gate."""
    outcome = run_stress(build(tmp_path, "ends_inside", kind), 0)

    assert outcome.code == 0, outcome.explain()


def test_a_lane_is_used_again_while_the_trace_is_written(tmp_path: Path) -> None:
    """The writer may be reading a track that another thread takes over."""
    outcome = run_stress(build(tmp_path, "tracks", "tsan"), 0)

    assert outcome.code == 0, outcome.explain()


def test_a_child_forked_during_a_drain_can_drain(tmp_path: Path) -> None:
    """The parent's waiting thread does not exist in the child, and the child does not count it."""
    outcome = run_stress(build(tmp_path, "fork_while_waiting", "plain"), 0)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.parametrize("linker", ["merged", "apart"])
@pytest.mark.parametrize("promise", ["ends", "forks"])
def test_two_libraries_agree(promise: str, linker: str, tmp_path: Path) -> None:
    """The right library learns of the end of a thread, and fork() returns."""
    include = copy_headers(tmp_path, pauses=False)
    unique = ["-fno-gnu-unique"] if linker == "apart" else []
    options = ["-O1", "-shared", "-fPIC", "-fvisibility=hidden", *unique]
    first = compile_to(tmp_path / "first.so", "library.cpp", include, options)
    second = compile_to(tmp_path / "second.so", "library.cpp", include, options)
    host = compile_to(tmp_path / "host", "two_libraries.cpp", include, ["-O1"])
    outcome = run_command([str(host), str(first), str(second), promise], deadline_s=HUNG_AFTER_S)

    assert f"{linker} by the linker" in outcome.err, outcome.explain()
    assert outcome.code == 0, outcome.explain()
