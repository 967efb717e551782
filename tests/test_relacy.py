"""The words shared without a lock, under every order of memory accesses that C++11 allows.

qemu, and an x86-64, do not reorder what a 64-bit ARM does; Relacy does, in tests/relacy/orders.cpp. The
gate there is the form in which both sides pay for the barrier: what membarrier(2) adds elsewhere is
the kernel's, and spin has it in tests/model/gate.pml.

Each mutant makes one access a step weaker. If Relacy finds no fault then, the test shows nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from compiled_files import CACHE, CHECKOUT, compile_object, link, store_at
from harness import Outcome, run_command
from pyholdfast.toolchain.compiler import find_compiler

SOURCE = CHECKOUT / "tests" / "relacy" / "orders.cpp"
HEADER = Path("/usr/include/relacy/relacy.hpp")
TESTS = ("gate", "registry", "process")
# Weaker by one step, for each access of which the argument needs the order.
MUTANTS = (
    ("gate", "E1", "release"),
    ("gate", "E3", "acquire"),
    ("gate", "L1", "release"),
    ("gate", "L3", "acquire"),
    ("gate", "L4", "without-the-mutex"),
    ("gate", "C1", "release"),
    ("gate", "C3", "acquire"),
    ("registry", "first_generation", "relaxed"),
    ("registry", "open", "relaxed"),
    ("registry", "read_first_generation", "relaxed"),
    ("registry", "read_open", "relaxed"),
    ("process", "appears", "relaxed"),
    ("process", "read_record", "relaxed"),
)
# Weaker than the code has them, and still right: `open` orders all that is written before it.
NOT_NEEDED = (("registry", "generation", "relaxed"), ("registry", "interpreter", "relaxed"))
DEADLINE_S = 300

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not HEADER.exists(), reason="relacy-dev is not installed: make test-tools"),
]


def ask(*words: str) -> Outcome:
    """Run a test of orders.cpp."""
    compiler = find_compiler()
    # Its own headers are of 2013, and full of warnings.
    compiled = compile_object(compiler, SOURCE, ["-std=c++17", "-O1", "-w"])
    binary = link(compiler, [str(compiled)], "orders", [compiled], store_at(CACHE))
    return run_command([str(binary), *words], deadline_s=DEADLINE_S, with_stacks=False)


@pytest.mark.parametrize("test", TESTS)
def test_no_order_breaks_it(test: str) -> None:
    """300,000 executions without a race, a deadlock or a broken assertion."""
    outcome = ask(test)
    assert outcome.code == 0, outcome.explain()


@pytest.mark.parametrize("mutant", MUTANTS, ids="-".join)
def test_a_weaker_order_is_found(mutant: tuple[str, str, str]) -> None:
    """Each is needed, and the test can fail."""
    outcome = ask(*mutant)
    assert outcome.code == 1, outcome.explain()


@pytest.mark.parametrize("spare", NOT_NEEDED, ids="-".join)
def test_what_another_access_orders_already(spare: tuple[str, str, str]) -> None:
    """Two accesses could be weaker; that the code has them so costs nothing, and needs no argument."""
    outcome = ask(*spare)
    assert outcome.code == 0, outcome.explain()
