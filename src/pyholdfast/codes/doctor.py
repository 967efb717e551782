"""HF140 to HF189: findings of `holdfast doctor` and errors of `holdfast new`.

HF151 to HF173 are failures that people meet when they embed Python, the most common first.
"""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF150",
        "the chosen Python cannot be used",
        "Without a Python that runs, the doctor cannot examine anything else. The code in"
        " brackets, HF101 to HF104, says why it does not run.",
        "x HF150 the chosen Python cannot be used: VIRTUAL_ENV names an environment without a"
        " Python: '/home/me/old' (HF103)",
        "Choose a Python that works with --python, or repair the one in the message.",
    ),
    Code(
        "HF151",
        "Python.h is missing",
        "The interpreter is installed without its C headers, or the compiler was not told where"
        " they are. Linux distributions put the headers into a separate package.",
        "host.cpp:1:10: fatal error: Python.h: No such file or directory",
        "Install the headers of the same minor version (Debian and Ubuntu: apt install"
        " libpython3.X-dev, Fedora: dnf install python3-devel), and compile with"
        " $(holdfast config --cflags).",
    ),
    Code(
        "HF152",
        "the linker does not find Python's functions",
        "libpython is missing from the link line: since 3.8, python3-config --ldflags leaves it"
        " out without --embed. Or libpython comes before the files that need it, and the linker"
        " has already dropped it.",
        "host.cpp:(.text+0x15): undefined reference to `Py_InitializeFromConfig'",
        "Put $(holdfast config --ldflags) after the sources and object files.",
    ),
    Code(
        "HF153",
        "the host does not see the environment's packages",
        "An embedded Python does not know which environment is active. It uses the environment of"
        " its executable; if none is set, that of the first python3 on PATH.",
        "ModuleNotFoundError: No module named 'numpy', in the host only",
        "Set interpreter_config::executable to the environment's python. Hosts made with holdfast"
        " follow HOLDFAST_PYTHON and VIRTUAL_ENV by themselves.",
    ),
    Code(
        "HF154",
        "Python does not find its standard library",
        "PYTHONHOME or PyConfig.home names a folder without the standard library of this version:"
        " a virtual environment, an installation of another version, or one that was moved.",
        "ModuleNotFoundError: No module named 'encodings'",
        "Unset PYTHONHOME. To use an environment, set the executable, never the home.",
    ),
    Code(
        "HF155",
        "the loader does not find libpython",
        "The program was linked with a libpython outside the system's folders, and does not record"
        " where it is.",
        "./host: error while loading shared libraries: libpython3.12.so.1.0: cannot open shared"
        " object file",
        "Link again with $(holdfast config --ldflags), which sets the rpath; in a bundle, with"
        " -Wl,-rpath,'$ORIGIN/../lib'.",
    ),
    Code(
        "HF156",
        "libpython is a static archive",
        "Python was built without --enable-shared, as pyenv and some images do. The archive is"
        " usually compiled without -fPIC, so it can be linked neither into a shared library nor"
        " into a position-independent executable, the default of current compilers.",
        "relocation R_X86_64_32 against `.rodata' can not be used when making a PIE object;"
        " recompile with -fPIE",
        "Use a Python with a shared libpython: the system's, uv's, or"
        " PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.X.Y.",
    ),
    Code(
        "HF157",
        "the tools find different Pythons",
        "PATH, version managers, pkg-config, pip and CMake each have their own rule for choosing a"
        " Python. Options taken from two of them make a host that mixes two Pythons.",
        "! HF157 the tools use different Pythons",
        "Take all options from holdfast config, and fix CMake's choice with"
        " -DPython_EXECUTABLE=PATH.",
    ),
    Code(
        "HF158",
        "extension modules cannot see libpython",
        "Wheels do not link libpython: they expect its symbols to be global in the process. A"
        " program that opens your library with RTLD_LOCAL, as plug-in systems do, hides them."
        " holdfast makes them global when it starts Python; if other code starts Python, that code"
        " has to.",
        "ImportError: _multiarray_umath.so: undefined symbol: PyObject_SelfIter",
        "Before Python starts, open libpython again with RTLD_NOW | RTLD_GLOBAL.",
    ),
    Code(
        "HF159",
        "sys.executable is not a Python",
        "multiprocessing starts its workers with sys.executable. If that is the host, each worker"
        " is another copy of the host. If it is empty, no worker starts.",
        "concurrent.futures.process.BrokenProcessPool: a child process terminated abruptly",
        "Set interpreter_config::executable to a python, preferably the environment's.",
    ),
    Code(
        "HF160",
        "headers and libpython are of different versions",
        "CPython's headers compile internal structures into your code. With the library of another"
        " minor version the program loads and runs, but reads the wrong fields.",
        "x HF160 compiled for one version of Python, linked with another",
        "Rebuild everything with the options of one Python. holdfast refuses to start such a host"
        " (HF231).",
    ),
    Code(
        "HF161",
        "free-threaded and GIL builds are mixed",
        "Objects of a free-threaded Python are larger. Code compiled for the other kind overwrites"
        " the memory behind them.",
        "x HF161 compiled for one kind of threading, linked with the other",
        "Rebuild with the headers of the Python that runs. On Windows, define Py_GIL_DISABLED=1"
        " for a free-threaded Python: no header defines it there.",
    ),
    Code(
        "HF162",
        "CMake skips the free-threaded Python",
        "Since 3.30, FindPython avoids free-threaded builds unless asked, and takes another Python"
        " without saying so.",
        "! HF162 CMake takes another Python by default: it prefers one with a GIL",
        'Configure with -DPython_EXECUTABLE=PATH "-DPython_FIND_ABI=ANY;ANY;ANY;ON".'
        " find_package(holdfast) does both.",
    ),
    Code(
        "HF163",
        "there is no libpython to embed",
        "Many images, manylinux among them, contain only the interpreter program. That is enough"
        " to build extension modules, but not hosts.",
        "Could NOT find Python (missing: Development.Embed)",
        "Install it (Debian and Ubuntu: apt install libpython3.X-dev), or use a Python from uv or"
        " from pyenv with --enable-shared.",
    ),
    Code(
        "HF164",
        "Debug builds on Windows need a library that is missing",
        "With _DEBUG defined, pyconfig.h tells the linker to use pythonXY_d.lib, which comes only"
        " with the installer's optional debug binaries.",
        "LINK : fatal error LNK1104: cannot open file 'python312_d.lib'",
        "Build as RelWithDebInfo, or install the debug binaries, or undefine _DEBUG around"
        " Python.h.",
    ),
    Code(
        "HF165",
        "CMake does not find the package",
        "By default, CMake does not search site-packages, where pip puts holdfast, pybind11 and"
        " nanobind.",
        'Could not find a package configuration file provided by "holdfast"',
        'Configure with "-Dholdfast_ROOT=$(holdfast config --cmake-dir)".',
    ),
    Code(
        "HF166",
        "the virtual environment is of another version",
        "CPython accepts any environment, but looks for packages only under lib/pythonX.Y of its"
        " own version. The packages seem to be missing.",
        "x HF166 the environment has another Python version: its packages will not be found",
        "Recreate the environment with the Python that runs, or rebuild the host with the"
        " environment's Python.",
    ),
    Code(
        "HF167",
        "the bundle works only where it was built",
        "libpython was copied next to the program, its standard library was not. Python falls back"
        " to the folder compiled into it, which exists only on the build machine.",
        "! HF167 the bundle has no standard library: it works only where it was built",
        "Let holdfast bundle make it. By hand: also copy lib/pythonX.Y, and set"
        " interpreter_config::home to the bundle.",
    ),
    Code(
        "HF168",
        "extension modules cannot see the interpreter inside the host",
        "A static libpython is part of the program, and a program does not export its symbols by"
        " default. With -Wl,--exclude-libs,ALL it does not export libpython's even with -rdynamic."
        " A host made with holdfast says so in the ImportError.",
        "ImportError: _socket.so: undefined symbol: PyObject_SelfIter",
        "Link with -rdynamic, or with $(holdfast config --ldflags), and without -Wl,--exclude-libs.",
    ),
    Code(
        "HF169",
        "Xcode's Python framework is not found",
        "The framework that comes with Xcode has the install name @rpath/Python3.framework, and"
        " the host has no rpath to it.",
        "dyld: Library not loaded: @rpath/Python3.framework/Versions/3.9/Python3",
        "Link with an rpath to the folder that contains the framework, or use a Python from uv,"
        " Homebrew or python.org.",
    ),
    Code(
        "HF170",
        "the C++ library is too old",
        "A conda environment brings its own libstdc++. If the loader finds that one first, symbols"
        " are missing for a host that was built with a newer compiler. In the opposite order, they"
        " are missing for a package.",
        "libstdc++.so.6: version `GLIBCXX_3.4.30' not found",
        "Put the newer libstdc++ first in the rpath, or build with the environment's own compiler.",
    ),
    Code(
        "HF171",
        "the Microsoft Store's Python cannot be loaded",
        "Its DLL is in a folder that programs outside its package may not load from.",
        "LoadLibrary failed: error 5: access is denied (WindowsApps)",
        "Use a Python from python.org or uv.",
    ),
    Code(
        "HF172",
        "PYTHONPATH contains packages for another version",
        "Compiled packages work with one version of Python only. PYTHONPATH takes precedence over"
        " the environment, for every Python that is started.",
        "ModuleNotFoundError: No module named 'numpy._core._multiarray_umath'",
        "Unset PYTHONPATH, or start the host with interpreter_config::isolated.",
    ),
    Code(
        "HF173",
        "a host built with zig stops at an integer overflow",
        "Without optimisation, zig compiles with the undefined-behaviour sanitizer, and Python's"
        " headers contain some of the operations that it traps.",
        "panic: signed integer overflow",
        "Compile with -O1 or more, or with -fno-sanitize=undefined, as holdfast build does.",
    ),
    Code(
        "HF174",
        "there is no C++ compiler",
        "Neither CXX nor PATH names one, and the ziglang package is not installed.",
        "x HF174 no C++ compiler found: tried c++, g++, clang++",
        "Install one: apt install g++, dnf install gcc-c++, apk add g++, pacman -S gcc,"
        " xcode-select --install. Without administrator rights: pip install 'pyholdfast[zig]',"
        " which brings a compiler (about 100 MB).",
    ),
    Code(
        "HF175",
        "a small host cannot be built or started",
        "The doctor compiles and starts a small host for the chosen Python. If that fails for a"
        " reason that it does not recognise, it shows the last message.",
        "x HF175 a small host cannot be built",
        "Read the message. The common causes have codes of their own. Try another compiler with"
        " CXX, or another Python with --python.",
    ),
    Code(
        "HF176",
        "CMake is missing, too old, or broken",
        "holdfast's CMake files need 3.18. holdfast run and holdfast build work without CMake.",
        "! HF176 cmake is older than 3.18",
        "pip install cmake",
    ),
    Code(
        "HF177",
        "the loader does not find libholdfast",
        "The program is linked with libholdfast.so, and neither its run path nor the system's folders"
        " have that.",
        "./host: error while loading shared libraries: libholdfast.so: cannot open shared object"
        " file",
        "Link again with $(holdfast config --c --libs), which sets the run path; or link"
        " libholdfast.a, as holdfast build does.",
    ),
    Code(
        "HF178",
        "debug and release builds of Python are mixed",
        "A debug build of Python has additional checks, and different structures for them.",
        "x HF178 debug and release builds of Python are mixed",
        "Rebuild everything with the options of one Python.",
    ),
    Code(
        "HF179",
        "a program that uses the C interface finds no Python",
        "It looks for a bundle beside itself, then HOLDFAST_PYTHON, VIRTUAL_ENV, and each python3 on"
        " PATH. One that is named decides. The doctor does not know what the program sets in"
        " hf_config.python.",
        "HF260 no Python on PATH can be used",
        "Set HOLDFAST_PYTHON, or hf_config.python, to a Python of 3.10 or later that has a shared"
        " libpython.",
    ),
    Code(
        "HF180",
        "the host hides holdfast's records",
        "Each shared library that uses holdfast looks for the program's holdfast records. If the"
        " program does not export holdfast_process_v1, a library finds them only at its first"
        " attach, through the interpreter.",
        "! HF180 it hides holdfast's records from libraries that use holdfast too",
        "Link with $(holdfast config --ldflags), or with the CMake target holdfast::embed.",
    ),
    Code(
        "HF181",
        "the environment's base Python is gone",
        "A virtual environment refers to the installation it was made from. That installation was"
        " removed, moved or upgraded.",
        "x HF181 the environment's base Python is gone",
        "Recreate it: python3 -m venv --clear FOLDER, then install its packages again.",
    ),
    Code(
        "HF182",
        "the messages match no known failure",
        "holdfast doctor --log recognises failures by their messages, and found none that it"
        " knows.",
        "+ HF182 no known failure found: 214 lines",
        "Pass it all messages, starting with the first error: 2>&1 | holdfast doctor --log -",
    ),
    Code(
        "HF183",
        "the file with the messages cannot be read",
        "holdfast doctor --log needs a file, or - for standard input.",
        "HF183 cannot read 'build.log': No such file or directory",
        "Name a file that exists, or use a pipe: cmake --build build 2>&1 | holdfast doctor --log"
        " -",
    ),
    Code(
        "HF184",
        "there is no backend for the Python that the program finds",
        "hf_start() compiles nothing. It looks for the backend in hf_config.backend_folder,"
        " HOLDFAST_BACKENDS, holdfast-backends beside the program and the library, and the user's"
        " cache.",
        "HF264 there is no backend for Python 3.12",
        "Make it: holdfast backend --python PATH. Ship a program with a folder of them: holdfast"
        " backend --all -o dist/holdfast-backends.",
    ),
    Code(
        "HF185",
        "the new project's folder is not empty",
        "holdfast new creates a folder or fills an empty one. It never changes existing files.",
        "HF185 '/home/me/hello' is not empty",
        "Name another folder.",
    ),
    Code(
        "HF186",
        "the project's name is not allowed",
        "The last part of DIR becomes the name of a CMake target and of a program. CMake allows"
        " letters, digits and _ - + . in it, and reserves some names.",
        "HF186 'test' cannot be the name of a project: CMake keeps it for itself",
        "Name another folder, e.g. hello.",
    ),
    Code(
        "HF187",
        "the project cannot be written",
        "The parent folder of DIR does not exist or is not writable. holdfast left nothing behind.",
        "HF187 cannot make '/usr/hello': Permission denied",
        "Choose a folder that you may write to. mkdir -p creates missing parents.",
    ),
    Code(
        "HF188",
        "the compiler's C++ options are insufficient",
        "holdfast's headers need C++17 and exceptions, and <holdfast/coroutines.hpp> needs the"
        " coroutines of C++20. Compilers default to an older standard, and some projects disable"
        " exceptions.",
        'error: #error "HF188 holdfast needs C++17; do: compile with -std=c++17 or later"',
        "Add -std=c++17 ($(holdfast config --cflags) contains it), for coroutines -std=c++20, or the"
        " build system's equivalent. Compile the files that include holdfast without -fno-exceptions.",
    ),
    Code(
        "HF189",
        "Py_LIMITED_API hides what holdfast needs",
        "The limited API makes thread states and interpreters opaque. holdfast is compiled for one"
        " version of CPython and refuses to run on another (HF231).",
        'error: #error "HF189 holdfast needs the whole C API of one CPython"',
        "Compile the files that include holdfast without -DPy_LIMITED_API; other files may keep"
        " it.",
    ),
)
