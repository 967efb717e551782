"""HF100 to HF139: finding Python, compiling hosts, the command line."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF101",
        "the interpreter does not run",
        "The file exists, but it does not start, takes too long, or prints an unexpected answer."
        " Common reasons: a virtual environment whose base Python was removed or upgraded, a file"
        " without execute permission, a Python for another CPU, a version manager's shim with no"
        " version chosen.",
        "HF101 cannot run '.venv/bin/python': No such file or directory",
        "Run the interpreter by hand with -c 'print(1)' and fix the error that it prints. To"
        " repair a virtual environment whose base is broken: python3 -m venv --clear .venv",
    ),
    Code(
        "HF102",
        "the path is a folder, not an interpreter",
        "--python and HOLDFAST_PYTHON take the path of an interpreter. A folder could mean an"
        " installation or an environment, and holdfast does not guess.",
        "HF102 --python names a folder: '.venv'",
        "Name the program inside it: --python .venv/bin/python",
    ),
    Code(
        "HF103",
        "the Python that was named does not exist",
        "--python, HOLDFAST_PYTHON, VIRTUAL_ENV or CONDA_PREFIX names something that does not"
        " exist, for example an environment that was deleted after it was activated. holdfast does"
        " not fall back to another Python, because a host would not find its packages there.",
        "HF103 VIRTUAL_ENV names an environment without a Python: '/home/me/old-venv'",
        "Name one that exists, activate another environment, or unset the variable.",
    ),
    Code(
        "HF104",
        "this Python cannot be embedded by holdfast",
        "holdfast uses CPython's C API from version 3.10 on. PyPy and GraalPy have a different"
        " one, and older versions lack functions that the runtime needs.",
        "HF104 '/usr/bin/python3' is cpython 3.9.18",
        "Install CPython 3.10 or later and name it with --python.",
    ),
    Code(
        "HF105",
        "Python.h is not installed",
        "The interpreter is installed, its C headers are not. Linux distributions put them into a"
        " separate package; slim container images leave them out.",
        "HF105 Python.h is not installed for /usr/bin/python3 (Python 3.11.2)",
        "Debian and Ubuntu: apt install python3-dev (or libpython3.X-dev for one version). Fedora:"
        " dnf install python3-devel. Alpine: apk add python3-dev. Or choose another Python with"
        " --python; those from pyenv, uv and conda include headers.",
    ),
    Code(
        "HF106",
        "there is no libpython to link with",
        "A program that embeds Python is linked with libpython, the interpreter as a library. Many"
        " images contain only the interpreter program.",
        "HF106 /usr/local/bin/python3 (Python 3.12.4) comes without libpython",
        "Debian and Ubuntu: apt install libpython3-dev. pyenv: rebuild the version with"
        " PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12. uv: uv python install"
        " 3.12. Or choose another Python with --python.",
    ),
    Code(
        "HF107",
        "there is no C++ compiler",
        "Neither CXX nor the usual names (c++, g++, clang++) lead to a compiler, and the Python"
        " that runs holdfast has no ziglang package.",
        "HF107 no C++ compiler found: tried c++, g++, clang++",
        "Debian and Ubuntu: apt install g++. Fedora: dnf install gcc-c++. Alpine: apk add g++."
        " macOS: xcode-select --install. Without administrator rights: pip install"
        " 'pyholdfast[zig]', which brings a compiler (about 100 MB).",
    ),
    Code(
        "HF108",
        "the compiler in CXX does not run",
        "CXX is set, but that compiler cannot be found or started. holdfast does not fall back to"
        " another one, because you asked for this one.",
        "HF108 CXX names a compiler that cannot be run: 'g++-99'",
        "Set CXX to a compiler that exists, or unset it.",
    ),
    Code(
        "HF109",
        "the host does not compile",
        "The compiler found errors in the source. Its messages are above.",
        "HF109 server.cpp does not compile: g++ ended with status 1",
        "Fix the first error above; later ones often follow from it. If it is inside Python.h or a"
        " standard header, the C++ standard is too old: --std c++20.",
    ),
    Code(
        "HF110",
        "the host does not link",
        "The source compiled, but linking failed. Usually a function is declared but not defined,"
        " or is in a library that was not named.",
        "HF110 server.cpp does not link: g++ ended with status 1",
        "Look for 'undefined reference' above. holdfast run and build take one source file: for"
        " several files or other libraries, use CMake (holdfast new creates a project).",
    ),
    Code(
        "HF111",
        "the source file cannot be read",
        "The file named on the command line does not exist, is a folder or a device, or is not"
        " readable.",
        "HF111 cannot read 'sever.cpp': No such file or directory",
        "Check the name. Relative paths start at the current folder.",
    ),
    Code(
        "HF112",
        "a file cannot be written",
        "holdfast cannot write an output or its cache: the folder does not exist or is read-only,"
        " or the disk is full. If the user's cache is not writable, holdfast run, holdfast demo"
        " and pyholdfast.testing use one in the temporary folder and say so.",
        "HF112 cannot write '/home/me/.cache/holdfast': Read-only file system",
        "Free some space, or make the folder writable. XDG_CACHE_HOME moves the cache.",
    ),
    Code(
        "HF113",
        "the file is not a program or library",
        "holdfast reads programs and libraries of Linux and other ELF systems, and programs and DLLs"
        " for Windows. This file is a script, is for another kind of system, or is truncated.",
        "HF113 cannot read 'host.sh' as a program or shared library: it does not begin with the"
        " ELF signature",
        "Name the program that the linker wrote.",
    ),
    Code(
        "HF114",
        "the compiled host does not start",
        "The program was built, but the system refuses to run it, for example because its file"
        " system is mounted noexec.",
        "HF114 cannot start '/tmp/cache/holdfast/hosts/3f9a/server': Permission denied",
        "Point XDG_CACHE_HOME at a folder where programs may run.",
    ),
    Code(
        "HF115",
        "there is no such code",
        "holdfast explain knows the codes that holdfast prints: HF and three digits.",
        "HF115 unknown code: 'HF999'",
        "Copy the code from the message; holdfast explain without a code lists all of them.",
    ),
    Code(
        "HF116",
        "the command line makes no sense",
        "There is no such command or option, an argument is missing, a value is not valid for its"
        " option, options contradict each other, or arguments follow -- for a command that starts"
        " no program.",
        "HF116 holdfast demo: --threads: 'many' is not a whole number",
        "Run holdfast COMMAND --help to see what the command accepts.",
    ),
    Code(
        "HF117",
        "the package is incomplete",
        "A file that belongs to holdfast is missing: a header, or the linker's list of symbols."
        " The installation was interrupted or only partly copied.",
        "HF117 holdfast's own file is missing:"
        " '/usr/lib/python3/pyholdfast/include/holdfast/version.hpp'",
        "Install holdfast again from where you installed it: pip install --force-reinstall . in"
        " its checkout. Do not use pip install holdfast: the project of that name on PyPI is a"
        " different one.",
    ),
    Code(
        "HF118",
        "an output would overwrite an input or another output",
        "Two names on the command line lead to the same file, perhaps through a link: an input,"
        " such as a source, a header or a module, and an output; or two outputs. Nothing was"
        " written.",
        "HF118 cannot write 'host.cpp': it is the same file as 'host.cpp', which is read, too",
        "Name another file for the output.",
    ),
    Code(
        "HF119",
        "a file or folder is not accessible",
        "holdfast cannot tell whether the file exists: its folder belongs to another user, who"
        " does not permit access. Or its name is too long, its links lead in a circle, or the current"
        " folder was deleted.",
        "HF119 cannot look at '/srv/closed/host.cpp': Permission denied",
        "Allow access, e.g. with chmod, or name another file.",
    ),
    Code(
        "HF130",
        "a Python found beside the project is not trusted",
        "holdfast found a .venv beside the source or above it; nothing named it. Running it would"
        " run whatever code is there, so the .venv and each folder above it must belong to this"
        " user or to root, and no other user may be able to write to them. A Python named by"
        " --python, HOLDFAST_PYTHON or an active environment is run whoever owns it.",
        "HF130 the Python of '/srv/app/.venv' is not run: '/srv/app/.venv/bin' belongs to user www",
        "If it is the right one, name it: --python .venv/bin/python",
    ),
    Code(
        "HF131",
        "the cache is not used, because other users could change it",
        "holdfast runs programs from the cache without building them again. So the cache folder"
        " and each folder above it must belong to this user or to root, and no other user may be"
        " able to write to them. Otherwise holdfast uses a private temporary folder and compiles"
        " everything again.",
        "HF131 the cache '/srv/cache/holdfast' is not used: '/srv/cache' belongs to user www;"
        " using '/tmp/holdfast-cache-1000/holdfast' instead",
        "Remove the folder, or set XDG_CACHE_HOME to one of your own.",
    ),
)
