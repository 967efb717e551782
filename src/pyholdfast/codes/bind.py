"""HF500 to HF519: C++ headers from type hints, and tests based on the hints.

The headers raise HF510 and HF511; pyholdfast.testing raises HF512 to HF515.
"""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF501",
        "a Python file cannot be read",
        "The module to bind, or another module that its hints refer to, does not exist, is a"
        " folder, or cannot be read.",
        "HF501 cannot read 'pricing.py': No such file or directory",
        "Pass the path of a Python file that exists.",
    ),
    Code(
        "HF502",
        "a Python file, or a hint in a string, is not valid",
        "Python's own parser rejected the file. The parser is that of the Python that runs"
        " holdfast, which may be older than the syntax in the file.",
        "HF502 pricing.py:3: expected ':'",
        "Fix the line. If the syntax is newer, choose the Python that the file is written for:"
        " holdfast bind --python.",
    ),
    Code(
        "HF503",
        "a hint uses a name that does not exist",
        "The name is neither defined nor imported where the hint is, or the module of the same"
        " package that should define it does not.",
        "HF503 pricing.py:12: price() parameter 'book': 'Bok' is not defined",
        "Correct the hint, or import the name; an import under `if TYPE_CHECKING` is enough.",
    ),
    Code(
        "HF504",
        "a header is out of date",
        "With --check, holdfast bind writes nothing and compares. Since the header was generated,"
        " the hints or holdfast itself have changed, or the header was edited by hand.",
        "HF504 pricing.hpp is out of date: it does not match pricing.py",
        "Run holdfast bind without --check, and commit the header.",
    ),
    Code(
        "HF505",
        "the file is not a module",
        "The file's name, or that of a folder of its package, is not a valid name in an `import`"
        " statement, or the file is not inside the folder given as --root.",
        "HF505 'my-pricing.py' cannot be imported: 'my-pricing' is not a valid name in Python",
        "Rename the file.",
    ),
    Code(
        "HF506",
        "a header cannot be written",
        "The folder does not exist, or is not writable.",
        "HF506 cannot write 'build/pricing.hpp': No such file or directory",
        "Create the folder, or choose another one with -o.",
    ),
    Code(
        "HF510",
        "a bound module or function is gone",
        "The header was generated for a module or function that does not exist at run time. The"
        " message ends with the signature and hash that the header was generated for.",
        "HF510 module 'pricing' has lost 'price', which a header was made for",
        "Put it back, or run holdfast bind again and recompile. Check which file was imported:"
        " interpreter_config::module_search_paths comes first.",
    ),
    Code(
        "HF511",
        "a bound function or type has changed",
        "The parameters, the hints, or the fields of a record in the hints differ from those that"
        " the header was generated for. holdfast checks this at the first call, before any Python"
        " code runs.",
        "HF511 'pricing.price' has changed since the header was made",
        "Run holdfast bind again and recompile. With CMake, holdfast_bind() does this for you.",
    ),
    Code(
        "HF512",
        "a function or a test case cannot be sent to the host process",
        "pyholdfast.testing runs the function in a separate process, which looks it up by module"
        " and name and receives the cases pickled.",
        "HF512 case 2 of pricing.price() is not a valid call: missing a required argument: 'book'",
        "Test a function at module level, with hints and without a leading underscore. For a value"
        " that cannot be pickled, pass a module-level function that creates the case.",
    ),
    Code(
        "HF513",
        "a function gives a different result on native threads",
        "pyholdfast.testing called the function from C++ through its hints, and the result or the"
        " exception differed from that of a direct call. The message gives the case, both results"
        " and the phase. In the phase 'alone', the hints are wrong; in any other phase, there is a"
        " race.",
        "HF513 pricing.price() gives a different result on native threads than in Python",
        "If it happened alone, correct the hints. Otherwise find the state that the calls share,"
        " e.g. a global or a cache, and guard it.",
    ),
    Code(
        "HF514",
        "a function ended the test's process",
        "A signal or an exit ended the process while pyholdfast.testing was calling the function"
        " from native threads. The message shows the case of each thread and the Python stacks of"
        " all threads.",
        "HF514 pricing.price() has ended its process: signal 11 (SIGSEGV)",
        "Fix what the stacks show. Often it is an extension module that is not thread-safe.",
    ),
    Code(
        "HF515",
        "a function did not return on native threads",
        "The deadline of pyholdfast.testing passed. The message shows the Python stacks, and the"
        " case of each thread that is in a call.",
        "HF515 pricing.price() has not ended after 60 s of 16 threads",
        "Find the lock or the event that the threads wait for. If they are still working, set a"
        " longer deadline.",
    ),
    Code(
        "HF516",
        "a hint is nested too deeply",
        "Python's parser gives up on an expression with thousands of levels. Generated code may"
        " contain one, or the text is not a hint at all.",
        "HF516 pricing.py:3: price() parameter 'book': the hint is nested too deeply",
        "Give the inner part a name: Book = ..., and use that name in the hint.",
    ),
    Code(
        "HF517",
        "two types of a module are one in C++ or C",
        "In C++ and in C, a dot or a type argument becomes an underscore: A.B and A_B are both"
        " A_B. Every C++ header has the namespaces calls_ and expected_; in C, a list of A is"
        " called A_list.",
        "HF517 pricing.py:9: A_B: in C++, 'A_B' is also 'A.B'",
        "Rename the class, or one of the two.",
    ),
)
