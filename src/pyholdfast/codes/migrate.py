"""HF640 to HF659: why `holdfast migrate` leaves code as it is."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF641",
        "guards need C++, and the file is C",
        "A guard is an object whose destructor closes the pair on every way out of its block. C"
        " has no destructors. A header that C files include counts as C.",
        "HF641 holdfast's guards are C++, and this is a C file",
        "Use holdfast migrate --to pep788, which keeps the pairs and uses the calls of PEP 788, or"
        " --to c, which uses those of holdfast/holdfast.h. Or compile the file as C++.",
    ),
    Code(
        "HF642",
        "a pair spans two functions",
        "One function attaches or detaches, and another one undoes it. A guard lives in one block.",
        "PyGILState_STATE enter(void) { return PyGILState_Ensure(); }  // HF642",
        "Put both calls into one function, or give the object that spans them a"
        " std::optional<holdfast::attach_guard> as a member: emplace() where it begins, reset() where"
        " it ends. Both must run on one thread: check who owns the object.",
    ),
    Code(
        "HF643",
        "the saved state of a pair is used elsewhere",
        "The result of PyGILState_Ensure() or PyEval_SaveThread() is stored in a member, in a"
        " global variable, or in a variable that other code also uses.",
        "self->state = PyGILState_Ensure();  // HF643",
        "Store it in a local variable that only the pair uses.",
    ),
    Code(
        "HF644",
        "a guard's block would not match the pair",
        "A guard ends with its block. Here the pair ends earlier, so the code in between would run"
        " attached instead of detached, or detached instead of attached. Or an object in the block"
        " would be destroyed in the wrong state.",
        "if (!ready) {\n    PyGILState_Release(state);  // HF644: the sleep would run attached\n"
        "    sleep(1);\n    return -1;\n}",
        "Give the region its own block, which is left in only one place.",
    ),
    Code(
        "HF645",
        "something jumps into the pair's region",
        "A goto or a case label leads into the region. C++ does not allow a jump past the"
        " declaration of an object.",
        "case 0:\n    state = PyGILState_Ensure();  // HF645: the next case is in its block, too",
        "Write the jump as a condition or a loop. Put braces around the case.",
    ),
    Code(
        "HF646",
        "a call is hidden in a macro or in an expression",
        "The source text at this place is not the call itself, so it cannot be rewritten.",
        "#define ENTER PyGILState_STATE s = PyGILState_Ensure()\nENTER;  // HF646",
        "Write the call as a statement of its own, or migrate the macro by hand.",
    ),
    Code(
        "HF647",
        "it is unclear what to do if Python has ended",
        "An attach may be refused while Python ends. In a function that must not throw (a thread's"
        " function, a destructor, noexcept), and everywhere with --to pep788 and --to c, the function"
        " then returns at once. holdfast migrate writes this return only if no other code follows the"
        " region and the function returns nothing or a pointer.",
        "int on_event(void *) noexcept {\n    PyGILState_STATE s = PyGILState_Ensure();  // HF647",
        "Write the guard by hand with std::nothrow, and return your function's failure value if it"
        " was refused.",
    ),
    Code(
        "HF648",
        "the calls are not proven to be a pair",
        "On some path the pair stays open, a call in the function is made in the wrong state, or"
        " the function could not be analysed. holdfast migrate rewrites only what holdfast check"
        " proves.",
        "HF648 load() ends in line 15 without undoing PyGILState_Ensure()",
        "Run holdfast check on the file, and fix what it reports for the function.",
    ),
    Code(
        "HF649",
        "a removed call or a guard class has an unknown form",
        "The call is part of a larger expression or is the whole body of a branch, its successor"
        " takes other arguments, or the constructor and destructor of a class do more than open"
        " and close their pair.",
        "HF649 PyEval_CallObjectWithKeywords() has no successor that takes the same arguments",
        "Write the call as a statement of its own, or rewrite it by hand.",
    ),
)
