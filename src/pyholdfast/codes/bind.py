"""HF500 to HF519: C++ headers from type hints, and tests by them.

HF510 and HF511 are raised by the headers, the last four by pyholdfast.testing.
"""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF501",
        "a Python file cannot be read",
        "The module to bind, or a neighbour that its hints name, is not there, is a folder, or may"
        " not be read.",
        "HF501 cannot read 'pricing.py': No such file or directory",
        "Name a Python file that exists, with its folder.",
    ),
    Code(
        "HF502",
        "a Python file, or a hint in a string, is not valid",
        "The file was read by Python's own parser, which did not understand it. The parser"
        " belongs to the Python that runs holdfast: it may be older than the file.",
        "HF502 pricing.py:3: expected ':'",
        "Repair the line; for newer syntax name the Python that it is for: holdfast bind --python.",
    ),
    Code(
        "HF503",
        "a hint names something that is not there",
        "The name is neither defined nor imported where the hint stands, or a module of the same"
        " package does not have it.",
        "HF503 pricing.py:12: price() parameter 'book': 'Bok' is not defined",
        "Correct the hint, or import the name; `if TYPE_CHECKING` is enough.",
    ),
    Code(
        "HF504",
        "a header does not say what the module says now",
        "With --check, holdfast bind writes nothing and compares: the hints, or holdfast itself,"
        " have changed since the header was made, or somebody has edited it.",
        "HF504 pricing.hpp does not say what pricing.py says now",
        "Run holdfast bind without --check, and commit the header.",
    ),
    Code(
        "HF505",
        "the file is no module",
        "Its name, or that of a folder of its package, cannot stand behind `import`, or it does not"
        " lie in the folder named as --root.",
        "HF505 'my-pricing.py' cannot be imported: 'my-pricing' is no name in Python",
        "Rename the file.",
    ),
    Code(
        "HF506",
        "a header cannot be written",
        "The folder is missing, or may not be written to.",
        "HF506 cannot write 'build/pricing.hpp': No such file or directory",
        "Make the folder, or name another one with -o.",
    ),
    Code(
        "HF510",
        "a bound module or function is gone",
        "The header was made for something that the module found at run time does not have, or"
        " the module itself cannot be found. The message ends with the signature and hash that"
        " the header was made for.",
        "HF510 module 'pricing' has lost 'price', which a header was made for",
        "Put it back, or run holdfast bind again and compile; see which file was imported:"
        " interpreter_config::module_search_paths comes first.",
    ),
    Code(
        "HF511",
        "a bound function or type has changed",
        "Parameters, hints, or the fields of a record that the hints name are not what they were"
        " when the header was made. It was noticed at the first call, before Python ran.",
        "HF511 'pricing.price' has changed since the header was made",
        "Run holdfast bind again, and compile. In CMake holdfast_bind() does it.",
    ),
    Code(
        "HF512",
        "a function or a case cannot be handed to a host",
        "pyholdfast.testing runs the function in a process of its own, which finds it by module and"
        " name, and gets the cases pickled.",
        "HF512 case 2 of pricing.price() is no call of it: missing a required argument: 'book'",
        "Test a function at the top of a module, with hints and without an underscore; give what"
        " cannot be pickled by a module's function that makes the case.",
    ),
    Code(
        "HF513",
        "a function gives a different result on native threads",
        "pyholdfast.testing called the function from C++, by its hints, and the result or the exception"
        " was not that of a direct call. The message names the case, both results, and the phase:"
        " alone means that the hints are wrong, anything else a race.",
        "HF513 pricing.price() gives a different result on native threads than in Python",
        "Alone: correct the hints. Otherwise find what the calls share, e.g. a global or a cache,"
        " and guard it.",
    ),
    Code(
        "HF514",
        "a function ended the process of its test",
        "A signal, or an exit, while pyholdfast.testing called the function from native threads. The"
        " message has the case of each thread and the Python stacks of all.",
        "HF514 pricing.price() has ended its process: SIGSEGV",
        "Repair what the stacks show; often an extension module that is not made for threads.",
    ),
    Code(
        "HF515",
        "a function does not return to native threads",
        "The deadline of pyholdfast.testing has passed. The message has the case of each thread that is"
        " in a call, and the Python stacks.",
        "HF515 pricing.price() has not ended after 60 s of 16 threads",
        "See which lock or answer the threads wait for; give a longer deadline if they are at work.",
    ),
    Code(
        "HF516",
        "a hint is nested too deeply",
        "The parser of Python gives up on an expression with thousands of levels, as generated code"
        " may have it, or a text that is no hint at all.",
        "HF516 pricing.py:3: price() parameter 'book': the hint is nested too deeply",
        "Give the inner part a name: Book = ..., and use that name in the hint.",
    ),
)
