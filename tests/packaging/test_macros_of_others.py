"""All headers compile after, and work before, the macros with which other libraries define plain words.

Qt defines `slots`, `signals`, `emit`; Xlib defines `None`, `Status`, `Bool` and hundreds more. A later
header cannot prevent that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from header_texts import HEADERS, ROOT, compile_text

XLIB_NUMBERS = [
    "None",
    "ParentRelative",
    "CopyFromParent",
    "PointerWindow",
    "InputFocus",
    "AnyPropertyType",
    "AnyKey",
    "AnyButton",
    "AllTemporary",
    "CurrentTime",
    "NoSymbol",
    "NoEventMask",
    "KeyPress",
    "KeyRelease",
    "ButtonPress",
    "ButtonRelease",
    "MotionNotify",
    "EnterNotify",
    "FocusIn",
    "FocusOut",
    "Expose",
    "MapNotify",
    "Success",
    "BadRequest",
    "BadValue",
    "BadAlloc",
    "BadAccess",
    "BadName",
    "Always",
    "Never",
    "WhenMapped",
    "NotUseful",
    "Unsorted",
    "YSorted",
    "Above",
    "Below",
    "TopIf",
    "BottomIf",
    "Opposite",
    "DestroyAll",
    "RetainPermanent",
    "RetainTemporary",
    "Complex",
    "Nonconvex",
    "Convex",
    "True",
    "False",
    "Button1",
    "ShiftMask",
    "LockMask",
    "ControlMask",
    "GrabModeSync",
    "GrabModeAsync",
    "GrayScale",
    "StaticColor",
    "DirectColor",
    "LineSolid",
    "CapButt",
    "JoinMiter",
    "FillSolid",
    "EvenOddRule",
    "WindingRule",
    "CursorShape",
    "AutoRepeatModeOn",
    "QueuedAlready",
    "NoValue",
    "XValue",
    "YValue",
    "AllValues",
]

LIBRARIES = {
    "Qt": "#define signals public\n#define slots\n#define emit\n#define foreach(a, b) for (a : b)\n"
    "#define forever for (;;)\n",
    "Xlib": "#define Bool int\n#define Status int\n"
    + "".join(f"#define {word} {number}\n" for number, word in enumerate(XLIB_NUMBERS)),
}

USE = """
int main() {
    holdfast::interpreter_config config;
    config.argv = {"host"};
    holdfast::interpreter python(config);
    holdfast::mutex mutex;
    const std::lock_guard<holdfast::mutex> hold(mutex);
    const holdfast::function<int(int)> same{"builtins", "int"};
    const holdfast::object callback = holdfast::callable("twice", [](int x) { return 2 * x; });
    std::promise<int> promise;
    promise.set_value(holdfast::eval<int>("1"));
    auto future = promise.get_future();
    int sum = same(1) + callback.call<int>(2) + holdfast::get(future);
    {
        const holdfast::attach_guard attached(python);
        const holdfast::detach_guard detached;
        sum += 1;
    }
    return python.finalize(std::chrono::seconds(5)) && sum == 7 ? 0 : 1;
}
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_all_headers_compile_after_the_macros(library: str, tmp_path: Path) -> None:
    """A host that uses such a library often includes its headers first."""
    headers = "".join(f"#include <{header}>\n" for header in HEADERS)

    compile_text(LIBRARIES[library] + headers, tmp_path, "-fsyntax-only")


@pytest.mark.ci
def test_the_bodies_compile_after_all_macros(tmp_path: Path) -> None:
    """A build system may include another header before everything."""
    everything = tmp_path / "everything.hpp"
    everything.write_text("".join(LIBRARIES.values()))
    bodies = f'#include "{ROOT / "holdfast" / "compiled.cpp"}"\n'

    compile_text(bodies, tmp_path, "-include", str(everything), "-DHOLDFAST_COMPILED", "-c",
                 "-o", str(tmp_path / "compiled.o"))  # fmt: skip


@pytest.mark.ci
def test_a_host_works_before_the_macros(tmp_path: Path) -> None:
    """Templates that are instantiated later were parsed before."""
    includes = (
        "#include <holdfast/holdfast.hpp>\n#include <chrono>\n#include <future>\n#include <mutex>\n"
    )

    compile_text(includes + "".join(LIBRARIES.values()) + USE, tmp_path, "-fsyntax-only")


def test_python_h_may_come_first(tmp_path: Path) -> None:
    """As in the usual workaround for Qt's macros: <Python.h> without them, and then Qt's macros again."""
    cure = '#pragma push_macro("slots")\n#undef slots\n#include <Python.h>\n#pragma pop_macro("slots")\n'
    text = f"{LIBRARIES['Qt']}{cure}#include <holdfast/holdfast.hpp>\n#include <chrono>\n#include <future>\n"

    compile_text(text + USE + "#if !defined(slots)\n#error\n#endif\n", tmp_path, "-fsyntax-only")
