"""Code that reads input from outside succeeds or ends with a coded error, whatever the input.

Atheris mutates the input, guided by the code that each input reaches. A crash leaves its input and its
traceback. The failure has the seed.
"""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from pathlib import Path

import pytest

from fuzz.config import run_cases
from harness import environment_for, run_command
from matrix import MatrixPython, default_python, usable
from pyholdfast.toolchain.compile import cached_host, find_compiler

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
SECONDS = 60
# What changing single bytes would take long to come upon.
WORDS = (
    "list[", "dict[str, ", "tuple[int, ...]", "Optional[", "Union[", "Literal['a']", "Annotated[int, ",
    "Callable[[int], str]", "Iterator[", "@dataclass", "class A(Enum):", "class B(TypedDict):", "@overload",
    "async def f() -> ", "from __future__ import annotations", "if TYPE_CHECKING:", "type X = ", "*args: ",
    "**kwargs: ", " | None", "import ", "NDArray[np.float64]", "self", "...",
)  # fmt: skip
GRACE_S = 60
WHOLE_SETTINGS = """\
[check]
attached = ["on_event"]
detached = ["Server::wait"]
attaching = ["::app::python_lock"]
detaching = ["::app::python_unlock"]
blocking = ["::app::wait_for_event"]
spawning = ["::app::run_later"]
exclude = ["third_party/*"]
"""

pytestmark = pytest.mark.long
with_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed"
)


def fuzz(script: str, folder: Path, *options: str, **environ: str) -> None:
    """Run one of the scripts for a limited time.

    Raises:
        AssertionError: with the traceback and the seed.
    """
    seed = random.SystemRandom().randrange(1, 2**31)
    words = [
        f"-max_total_time={SECONDS}",
        f"-seed={seed}",
        f"-artifact_prefix={folder}/",
        "-timeout=20",
    ]
    outcome = run_command(
        [sys.executable, str(HERE / script), *words, *options],
        environ={**environment_for(default_python()), "TMPDIR": str(folder), **environ},
        deadline_s=SECONDS + GRACE_S,
        promise=f"{script} -seed={seed}",
    )

    assert outcome.code == 0, outcome.explain()


@with_atheris
def test_the_reader_of_hints_survives_any_module(tmp_path: Path) -> None:
    """Starting with the golden corpus."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for file in (CHECKOUT / "tests" / "golden" / "corpus").glob("*.py"):
        shutil.copy(file, corpus)

    words = tmp_path / "words"
    words.write_text("".join(f'"{word}"\n' for word in WORDS))

    fuzz("hints.py", tmp_path, f"-dict={words}", str(corpus))


@with_atheris
def test_the_reader_of_settings_survives_any_file(tmp_path: Path) -> None:
    """Starting with a file that uses every setting."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "whole.toml").write_text(WHOLE_SETTINGS)

    fuzz("settings.py", tmp_path, str(corpus))


@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()])
def test_any_configuration_starts_or_has_a_code(python: MatrixPython) -> None:
    """For host and environment: no crash, no hang, no changed argument."""
    seed = random.SystemRandom().randrange(2**31)
    ends, failed = run_cases(python, seed, seconds=SECONDS)

    assert failed is None, failed.explain()
    assert ends["started"] > 0
    assert len(ends) > 1


@with_atheris
def test_the_reader_of_traces_survives_any_file(tmp_path: Path) -> None:
    """Starting with a complete trace of a host that has ended."""
    python = default_python()
    host = cached_host(
        CHECKOUT / "examples" / "incidents" / "main.cpp", python.build, find_compiler()
    )
    whole = tmp_path / "whole.trace"
    recorded = run_command(
        [str(host), "hold_in_c"],
        environ={
            **environment_for(python),
            "HOLDFAST_PYTHON": str(python.path),
            "HOLDFAST_TRACE": str(whole),
            "HOLDFAST_TRACE_EVENTS": "64",
        },
        deadline_s=30,
    )
    assert recorded.code == 0, recorded.explain()

    fuzz("traces.py", tmp_path, HOLDFAST_FUZZ_TRACE=str(whole))
