"""HF140 to HF199: what `holdfast doctor` and `holdfast new` say.

HF151 to HF173 are the failures that people who embed Python meet, the most common first.
"""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF150",
        "the chosen Python cannot be used",
        "Without a Python that runs there is nothing more to examine. The message behind it, HF101"
        " to HF104, says why it does not run.",
        "x HF150 the chosen Python cannot be used: VIRTUAL_ENV names an environment without a"
        " Python: '/home/me/old' (HF103)",
        "Choose a Python that works with --python, or repair the one that is named.",
    ),
    Code(
        "HF151",
        "Python.h is missing",
        "The interpreter is installed without its C headers, or the compiler was not told where"
        " they are. Linux distributions put them into a package of their own.",
        "host.cpp:1:10: fatal error: Python.h: No such file or directory",
        "Install the headers of the same minor version (Debian and Ubuntu: apt install"
        " libpython3.X-dev, Fedora: dnf install python3-devel), and compile with"
        " $(holdfast config --cflags).",
    ),
    Code(
        "HF152",
        "Python's functions are undefined when linking",
        "libpython is not on the link line, because python3-config --ldflags leaves it out without"
        " --embed since 3.8, or it stands before the files that need it and the linker has"
        " forgotten it by then.",
        "host.cpp:(.text+0x15): undefined reference to `Py_InitializeFromConfig'",
        "Put $(holdfast config --ldflags) behind the sources and object files.",
    ),
    Code(
        "HF153",
        "the host does not see the environment's packages",
        "An embedded Python does not know which environment is active. It takes the one that"
        " belongs to its executable, and without one, that of the first python3 on PATH.",
        "ModuleNotFoundError: No module named 'numpy', in the host only",
        "Give interpreter_config::executable the environment's own python. Hosts made with holdfast"
        " follow HOLDFAST_PYTHON and VIRTUAL_ENV by themselves.",
    ),
    Code(
        "HF154",
        "Python does not find its standard library",
        "PYTHONHOME, or PyConfig.home, names a folder that does not hold the standard library of"
        " this version: a virtual environment, an installation of another version, or a place"
        " that was moved.",
        "ModuleNotFoundError: No module named 'encodings'",
        "Unset PYTHONHOME. To use an environment, set the executable, never the home.",
    ),
    Code(
        "HF155",
        "the loader does not find libpython",
        "The program was linked with a libpython outside of the system's folders, and does not"
        " say where it is.",
        "./host: error while loading shared libraries: libpython3.12.so.1.0: cannot open shared"
        " object file",
        "Link again with $(holdfast config --ldflags), which sets the rpath; in a bundle, with"
        " -Wl,-rpath,'$ORIGIN/../lib'.",
    ),
    Code(
        "HF156",
        "libpython is a static archive",
        "Python was built without --enable-shared, as pyenv and some images do. The archive is"
        " usually compiled for programs at fixed addresses, so it goes neither into a shared"
        " library nor into a modern default program.",
        "relocation R_X86_64_32 against `.rodata' can not be used when making a PIE object;"
        " recompile with -fPIE",
        "Use a Python with a shared libpython: the system's, uv's, or"
        " PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.X.Y.",
    ),
    Code(
        "HF157",
        "the tools around mean different Pythons",
        "PATH, version managers, pkg-config, pip and CMake each have a rule of their own for"
        " which Python is meant. Options from two of them make a host of two Pythons.",
        "! HF157 not all tools mean the same Python",
        "Take all options from holdfast config, and pin CMake with -DPython_EXECUTABLE=PATH.",
    ),
    Code(
        "HF158",
        "extension modules cannot see libpython",
        "Wheels do not link libpython: they expect its symbols to be global in the process. A"
        " program that opens your library with RTLD_LOCAL, as plug-in systems do, hides them. Where"
        " holdfast starts Python it makes them global itself; another starter has to do it.",
        "ImportError: _multiarray_umath.so: undefined symbol: PyObject_SelfIter",
        "Before Python starts, open libpython once more with RTLD_NOW | RTLD_GLOBAL.",
    ),
    Code(
        "HF159",
        "sys.executable is not a Python",
        "multiprocessing starts its workers with sys.executable. If that is the host, each worker"
        " is another copy of the host; if it is empty, there are no workers.",
        "concurrent.futures.process.BrokenProcessPool: a child process terminated abruptly",
        "Set interpreter_config::executable to a python, best to the environment's.",
    ),
    Code(
        "HF160",
        "headers and libpython are of different versions",
        "CPython's headers put parts of its inside into your code. With the library of another"
        " minor version it loads, runs, and reads the wrong fields.",
        "x HF160 compiled for one version of Python, linked with another",
        "Rebuild everything with the options of one Python. holdfast refuses to start such a host"
        " (HF231).",
    ),
    Code(
        "HF161",
        "free-threaded and GIL builds are mixed",
        "Objects of a free-threaded Python are larger. Code compiled for the other kind overwrites"
        " what lies behind them.",
        "x HF161 compiled for one kind of threading, linked with the other",
        "Rebuild with the headers of the Python that runs. On Windows, define Py_GIL_DISABLED=1 for"
        " a free-threaded one: there, nothing does it for you.",
    ),
    Code(
        "HF162",
        "CMake passes over the free-threaded Python",
        "Since 3.30, FindPython avoids free-threaded builds unless asked, and takes another Python"
        " without a word.",
        "! HF162 CMake by itself takes another Python: it prefers one with a GIL",
        'Configure with -DPython_EXECUTABLE=PATH "-DPython_FIND_ABI=ANY;ANY;ANY;ON".'
        " find_package(holdfast) does both.",
    ),
    Code(
        "HF163",
        "there is no libpython to embed",
        "Many images, and manylinux among them, carry the interpreter only. Extension modules can be"
        " built with that, hosts cannot.",
        "Could NOT find Python (missing: Development.Embed)",
        "Install it (Debian and Ubuntu: apt install libpython3.X-dev), or use a Python of uv or"
        " pyenv --enable-shared.",
    ),
    Code(
        "HF164",
        "Debug builds on Windows ask for a library that is not there",
        "With _DEBUG defined, pyconfig.h tells the linker to use pythonXY_d.lib, which only the"
        " installer's optional debug binaries bring.",
        "LINK : fatal error LNK1104: cannot open file 'python312_d.lib'",
        "Build as RelWithDebInfo, or install the debug binaries, or undefine _DEBUG around"
        " Python.h.",
    ),
    Code(
        "HF165",
        "CMake does not find the package",
        "CMake does not look into site-packages by itself, where pip puts holdfast, pybind11 and"
        " nanobind.",
        'Could not find a package configuration file provided by "holdfast"',
        'Configure with "-Dholdfast_ROOT=$(holdfast config --cmake-dir)".',
    ),
    Code(
        "HF166",
        "the virtual environment is of another version",
        "CPython accepts any environment, but looks for packages under lib/pythonX.Y of its own"
        " version only. They seem to be gone.",
        "x HF166 the environment is of another Python version: its packages will not be found",
        "Make the environment again with the Python that runs, or rebuild the host with the"
        " environment's.",
    ),
    Code(
        "HF167",
        "the bundle works at home only",
        "libpython was copied beside the program, its standard library was not. Python falls back to"
        " the folder compiled into it, which exists on the machine where it was built.",
        "! HF167 the bundle has no standard library: it works where it was built only",
        "Copy lib/pythonX.Y as well, and set interpreter_config::home to the bundle.",
    ),
    Code(
        "HF168",
        "extension modules cannot see the interpreter inside the host",
        "A static libpython is part of the program, and programs do not export their symbols by"
        " themselves. With -Wl,--exclude-libs,ALL they do not even with -rdynamic. A host made with"
        " holdfast says so in the ImportError.",
        "ImportError: _socket.so: undefined symbol: PyObject_SelfIter",
        "Link with -rdynamic, or with $(holdfast config --ldflags), and without -Wl,--exclude-libs.",
    ),
    Code(
        "HF169",
        "Xcode's Python framework is not found",
        "The framework that comes with Xcode calls itself @rpath/Python3.framework, and hosts have"
        " no rpath to it.",
        "dyld: Library not loaded: @rpath/Python3.framework/Versions/3.9/Python3",
        "Link with an rpath to the folder that holds the framework, or use a Python of uv, Homebrew"
        " or python.org.",
    ),
    Code(
        "HF170",
        "the C++ library is too old",
        "A conda environment brings a libstdc++ of its own. If that one is found first, a host"
        " built with a newer compiler misses symbols; the other way round, a package does.",
        "libstdc++.so.6: version `GLIBCXX_3.4.30' not found",
        "Put the newer libstdc++ first in the rpath, or build with the environment's own compiler.",
    ),
    Code(
        "HF171",
        "the Microsoft Store's Python cannot be loaded",
        "Its DLL lies in a folder that programs outside of its package may not load from.",
        "LoadLibrary failed: error 5: access is denied (WindowsApps)",
        "Use the Python of python.org or of uv.",
    ),
    Code(
        "HF172",
        "PYTHONPATH holds packages of another version",
        "Compiled packages fit one version. PYTHONPATH comes before the environment, for every"
        " Python that is started.",
        "ModuleNotFoundError: No module named 'numpy._core._multiarray_umath'",
        "Unset PYTHONPATH, or start the host isolated: interpreter_config::isolated.",
    ),
    Code(
        "HF173",
        "a host built with zig stops at an overflow",
        "zig compiles with the undefined-behaviour sanitizer in builds without optimisation, and"
        " Python's headers have some of what it traps.",
        "panic: signed integer overflow",
        "Compile with -O1 or more, or with -fno-sanitize=undefined. holdfast build does.",
    ),
    Code(
        "HF174",
        "there is no C++ compiler",
        "Neither CXX nor PATH names one, and the ziglang package is not installed.",
        "x HF174 no C++ compiler found: tried c++, g++, clang++",
        "Install one: apt install g++, dnf install gcc-c++, apk add g++, pacman -S gcc,"
        " xcode-select --install; or without any rights pip install 'pyholdfast[zig]', which brings"
        " one (about 100 MB).",
    ),
    Code(
        "HF175",
        "a small host cannot be built or started",
        "The doctor compiles a small host for the chosen Python, and starts it. If that"
        " fails for a reason that it does not know, it shows the last message.",
        "x HF175 a small host cannot be built",
        "Read the message. The usual suspects have codes of their own; try another compiler with"
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
        "HF178",
        "debug and release builds of Python are mixed",
        "A debug build of Python checks what a release build does not, and has structures of its"
        " own for that.",
        "x HF178 debug and release builds of Python are mixed",
        "Rebuild everything with the options of one Python.",
    ),
    Code(
        "HF180",
        "the host hides holdfast's records",
        "Each shared library that uses holdfast looks for the records of the program. If the"
        " program does not export holdfast_process_v1, a library finds them only at its first"
        " attach, through the interpreter.",
        "! HF180 it hides holdfast's records from libraries that use holdfast too",
        "Link with $(holdfast config --ldflags), or with the CMake target holdfast::embed.",
    ),
    Code(
        "HF181",
        "the environment's base Python is gone",
        "A virtual environment is a thin layer over an installation. That one was removed, moved or"
        " upgraded.",
        "x HF181 the environment was made from a Python that is gone",
        "Make it again: python3 -m venv --clear FOLDER, then install its packages.",
    ),
    Code(
        "HF182",
        "the messages tell of no known failure",
        "holdfast doctor --log looks for the failures that it knows by their messages.",
        "+ HF182 no failure that the doctor knows: 214 lines",
        "Give it all messages, from the first error on: 2>&1 | holdfast doctor --log -",
    ),
    Code(
        "HF183",
        "the file with the messages cannot be read",
        "holdfast doctor --log wants a file, or - for its standard input.",
        "HF183 cannot read 'build.log': No such file or directory",
        "Name a file that exists, or pipe: cmake --build build 2>&1 | holdfast doctor --log -",
    ),
    Code(
        "HF185",
        "the folder of the new project is not free",
        "holdfast new makes a folder, or fills an empty one. It never touches what exists.",
        "HF185 '/home/me/hello' is not empty",
        "Name another folder.",
    ),
    Code(
        "HF186",
        "the project's name is not possible",
        "The last part of DIR becomes the name of a CMake target and of a program. CMake allows"
        " letters, digits and _ - + . there, and keeps some names for itself.",
        "HF186 'test' cannot be the name of a project: CMake keeps it for itself",
        "Name another folder, e.g. hello.",
    ),
    Code(
        "HF187",
        "the project cannot be written",
        "The folder above DIR does not exist, or may not be written to. Nothing was left behind.",
        "HF187 cannot make '/usr/hello': Permission denied",
        "Choose a folder that you may write to; mkdir -p makes missing ones.",
    ),
    Code(
        "HF188",
        "the compiler is told too little C++",
        "holdfast's headers are C++17, and report errors by exceptions. Older compilers take C++14 if"
        " they are told nothing, and some projects disable exceptions.",
        'error: #error "HF188 holdfast needs C++17; do: compile with -std=c++17 or later"',
        "Add -std=c++17, or what the build system calls it; compile the files that include holdfast"
        " without -fno-exceptions. $(holdfast config --cflags) has the first.",
    ),
    Code(
        "HF189",
        "Py_LIMITED_API hides what holdfast needs",
        "The limited API leaves thread states and interpreters opaque. holdfast is compiled for one"
        " version of CPython, and refuses to run on another (HF231).",
        'error: #error "HF189 holdfast needs the whole C API of one CPython"',
        "Compile the files that include holdfast without -DPy_LIMITED_API; the others may keep it.",
    ),
)
