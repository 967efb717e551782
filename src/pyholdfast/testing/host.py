"""The host: a bound header and a source of a few lines, compiled once for each text."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyholdfast.codegen.context import Context
from pyholdfast.codegen.emit import write_header
from pyholdfast.codegen.functions import alternatives, signature_of
from pyholdfast.codegen.naming import identifier, namespace
from pyholdfast.codegen.output import keep_in_cache
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.hints.read import read_module
from pyholdfast.toolchain.cache import cache_folder, cached_probe, in_cache
from pyholdfast.toolchain.compile import cached_host, find_compiler

__all__ = ["Host", "Subject", "build_host", "subject_of"]

SOURCE = """\
// Made by pyholdfast.testing: calls {module}.{function}() from native threads. Edits are lost.
#include "{header}"

#include "host.hpp"

int main(int argc, char **argv) {{ return holdfast::testing::run(argc, argv, ::{bound}); }}
"""
HEADERS = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Subject:
    """The function under test.

    Attributes:
        module: the name under which the test imported it.
        file: the module's file.
    """

    module: str
    name: str
    file: Path

    def __str__(self) -> str:
        """``pricing.price()``."""
        return f"{self.module}.{self.name}()"


@dataclass(frozen=True, slots=True)
class Host:
    """A compiled host.

    Attributes:
        module: the module's name in the header.
        signatures: for each signature of the function, its parameters in the order of C++.
    """

    program: Path
    module: str
    signatures: tuple[tuple[str, ...], ...]


def subject_of(function: Callable[..., object]) -> Subject:
    """Find where a function is defined.

    Raises:
        UsageError: HF512 if its name does not lead back to it.
    """
    module = str(getattr(function, "__module__", ""))
    name = str(getattr(function, "__qualname__", ""))
    known = sys.modules.get(module)
    file = inspect.getsourcefile(known) if known is not None and module != "__main__" else None
    if file is None or getattr(known, name, None) is not function:
        raise UsageError(
            "HF512",
            f"a host cannot find {name or function!r} of {module or 'no module'} by its name",
            "test a function at the top of a module that can be imported",
        )
    return Subject(module, name, Path(file))


def build_host(subject: Subject) -> Host:
    """Write the header and the source, and compile them if they have changed.

    Raises:
        UsageError: HF512 if the function is not in the header.
        HoldfastError: HF105 to HF112 if a host cannot be compiled, or HF502 to HF505 if the module
            cannot be bound.
    """
    module = read_module(subject.file, root=_root(subject))
    header = write_header(module, subject.file)
    if wrong := next((problem for problem in header.problems if problem.code), None):
        raise HoldfastError(
            wrong.code,
            f"{wrong.file}:{wrong.line}: {wrong.subject}: {wrong.reason}",
            "correct the hint",
        )
    functions = [function for function in module.functions if function.name == subject.name]
    if not functions:
        raise UsageError(
            "HF512",
            f"holdfast bind leaves out {subject}",
            "give it a name without an underscore, and list it in __all__ if there is one",
        )
    context = Context(module, subject.file)
    found = [signature for _, signature in alternatives(functions, context)]
    signatures = found if len(functions) > 1 else [signature_of(functions[0], context)]
    build = cached_probe(Path(sys.executable))
    bound = f"{subject.module.rpartition('.')[2]}.hpp"
    text = SOURCE.format(
        module=subject.module,
        function=subject.name,
        header=bound,
        bound=f"{namespace(module.name)}::{identifier(subject.name)}",
    )

    def compiled(environ: Mapping[str, str]) -> Path:
        source = _write(subject, {bound: header.text, f"{subject.name}.cpp": text}, environ)
        return cached_host(
            source, build, find_compiler(), optimise="-O1", extra=(f"-I{HEADERS}",), environ=environ
        )

    program = in_cache("pyholdfast.testing", compiled)
    names = tuple(tuple(item.name for item in signature.taken) for signature in signatures)
    return Host(program, module.name, names)


def _write(subject: Subject, texts: Mapping[str, str], environ: Mapping[str, str]) -> Path:
    """Write header and source to the subject's folder in the cache; return the source."""
    digest = hashlib.sha256(f"{subject.file}\0{subject}".encode(errors="surrogateescape"))
    folder = cache_folder(environ) / "hammer" / digest.hexdigest()[:24]
    file = folder
    for name, text in texts.items():
        file = folder / name
        keep_in_cache(file, text)
    return file


def _root(subject: Subject) -> Path | None:
    """The folder on ``sys.path`` if file and module name agree; test runners may choose names."""
    file = subject.file.absolute()
    place = file.parent if file.stem == "__init__" else file.with_suffix("")
    parts = subject.module.split(".")
    return place.parents[len(parts) - 1] if place.parts[-len(parts) :] == tuple(parts) else None
