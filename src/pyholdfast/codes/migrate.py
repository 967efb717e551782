"""HF640 to HF659: what `holdfast migrate` leaves as it is."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF641",
        "guards are C++, and the file is C",
        "A guard is an object whose destructor ends the pair on every way out of its block. C has"
        " none.",
        "HF641 holdfast's guards are C++, and this is a C file",
        "holdfast migrate --to pep788 keeps the pairs and uses the calls of Python 3.15. Or compile"
        " the file as C++.",
    ),
    Code(
        "HF642",
        "a pair reaches over two functions",
        "One function attaches or detaches, another one undoes it. A guard lives in one block.",
        "PyGILState_STATE enter(void) { return PyGILState_Ensure(); }  // HF642",
        "Make it one function, or give the object that spans both ends a holdfast::attach_guard as"
        " a member. Nothing keeps such an object from ending on another thread: look at who owns it.",
    ),
    Code(
        "HF643",
        "what a pair keeps is used elsewhere",
        "The result of PyGILState_Ensure() or PyEval_SaveThread() is kept in a member, in a global"
        " variable, or in a variable that something else than the pair uses.",
        "self->state = PyGILState_Ensure();  // HF643",
        "Keep it in a local variable that only the pair uses.",
    ),
    Code(
        "HF644",
        "the block of a guard would be another one than the pair's",
        "A guard ends with its block. Here the pair ends earlier, and what comes between would then"
        " run attached, or detached; or an object of the block would end on the other side.",
        "if (!ready) {\n    PyGILState_Release(state);  // HF644: the sleep would run attached\n"
        "    sleep(1);\n    return -1;\n}",
        "Give the region a block of its own, and leave it in one place.",
    ),
    Code(
        "HF645",
        "something jumps into the pair's region",
        "A goto or a case label leads into it. C++ does not allow a jump past the declaration of an"
        " object.",
        "case 0:\n    state = PyGILState_Ensure();  // HF645: the next case is in its block, too",
        "Write the jump as a condition or a loop; give the case braces.",
    ),
    Code(
        "HF646",
        "a call is hidden in a macro or in an expression",
        "The text that would have to be rewritten is not that of the call.",
        "#define ENTER PyGILState_STATE s = PyGILState_Ensure()\nENTER;  // HF646",
        "Write the call as a statement of its own, or migrate the macro by hand.",
    ),
    Code(
        "HF647",
        "what is to be done where Python has ended is not known",
        "An attach may be refused while Python ends. In a function that must not throw (a thread's"
        " function, a destructor, noexcept), and everywhere with --to pep788, the function then"
        " returns at once. That is written only where nothing else follows, and where the function"
        " returns nothing or a pointer.",
        "int on_event(void *) noexcept {\n    PyGILState_STATE s = PyGILState_Ensure();  // HF647",
        "Write the guard by hand, with std::nothrow, and return what means failure if it was"
        " refused.",
    ),
    Code(
        "HF648",
        "it is not proven that the calls are a pair",
        "On some path the pair stays open, a call in the function is made in the wrong state, or the"
        " function could not be analysed. Only what holdfast check proves is rewritten.",
        "HF648 load() ends in line 15 without undoing PyGILState_Ensure()",
        "Run holdfast check on the file, and mend what it says about the function.",
    ),
    Code(
        "HF649",
        "a removed call, or a guard class, is not of a form that is known",
        "The call is part of a larger expression or all that a branch does, its successor takes"
        " other arguments, or the constructor and destructor of a class do more than their pair.",
        "HF649 PyEval_CallObjectWithKeywords() has no successor that takes the same arguments",
        "Write it as a statement of its own, or rewrite it by hand.",
    ),
)
