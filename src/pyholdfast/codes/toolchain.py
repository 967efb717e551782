"""HF100 to HF139: finding Python, compiling hosts, the command line."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF101",
        "the interpreter does not run",
        "The file exists, but starting it fails, takes too long, or prints something that is not"
        " the answer of a Python. Common reasons: a virtual environment whose base Python was"
        " removed or upgraded, a file without execute permission, a Python for another kind of"
        " machine, a version manager's shim with no version chosen.",
        "HF101 cannot run '.venv/bin/python': No such file or directory",
        "Run the interpreter by hand with -c 'print(1)' and repair what it says. A virtual"
        " environment with a broken base is made again: python3 -m venv --clear .venv",
    ),
    Code(
        "HF102",
        "a folder was named instead of an interpreter",
        "--python and HOLDFAST_PYTHON take the interpreter itself. A folder could mean an"
        " installation or an environment, and holdfast does not guess.",
        "HF102 --python names a folder: '.venv'",
        "Name the program inside: --python .venv/bin/python",
    ),
    Code(
        "HF103",
        "the Python that was named is not there",
        "--python, HOLDFAST_PYTHON, VIRTUAL_ENV or CONDA_PREFIX names something that does not"
        " exist, for example an environment that was deleted after it was activated. holdfast"
        " does not fall back to another Python: a host on the wrong one misses its packages.",
        "HF103 VIRTUAL_ENV names an environment without a Python: '/home/me/old-venv'",
        "Name one that exists, activate another environment, or unset the variable.",
    ),
    Code(
        "HF104",
        "this Python cannot be embedded by holdfast",
        "holdfast uses CPython's C API as it is from version 3.10 on. PyPy and GraalPy have"
        " another one, and older versions lack what the runtime needs.",
        "HF104 '/usr/bin/python3' is cpython 3.9.18",
        "Install CPython 3.10 or later and name it with --python.",
    ),
    Code(
        "HF105",
        "Python.h is not installed",
        "The interpreter is there, its C headers are not. Linux distributions put them into a"
        " package of their own; slim container images leave them out.",
        "HF105 Python.h is not installed for /usr/bin/python3 (Python 3.11.2)",
        "Debian and Ubuntu: apt install python3-dev (or libpython3.X-dev for one version)."
        " Fedora: dnf install python3-devel. Alpine: apk add python3-dev. Or choose another"
        " Python with --python; those of pyenv, uv and conda come with headers.",
    ),
    Code(
        "HF106",
        "there is no libpython to link with",
        "To contain Python, a program is linked with libpython, the interpreter as a library."
        " Many images carry only the interpreter program.",
        "HF106 /usr/local/bin/python3 (Python 3.12.4) comes without libpython",
        "Debian and Ubuntu: apt install libpython3-dev. pyenv: build the version again with"
        " PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12. uv: uv python"
        " install 3.12. Or choose another Python with --python.",
    ),
    Code(
        "HF107",
        "there is no C++ compiler",
        "Neither CXX nor the usual names (c++, g++, clang++) lead to a compiler, and the Python"
        " that runs holdfast has no ziglang package.",
        "HF107 no C++ compiler found: tried c++, g++, clang++",
        "Debian and Ubuntu: apt install g++. Fedora: dnf install gcc-c++. Alpine: apk add g++."
        " macOS: xcode-select --install. Without any rights on the machine:"
        " pip install 'pyholdfast[zig]', which brings a compiler (about 100 MB).",
    ),
    Code(
        "HF108",
        "the compiler that CXX names does not run",
        "CXX is set, and what it names cannot be found or started. It is not ignored: whoever"
        " sets it wants that compiler.",
        "HF108 CXX names a compiler that cannot be run: 'g++-99'",
        "Set CXX to a compiler that exists, or unset it.",
    ),
    Code(
        "HF109",
        "the host does not compile",
        "The compiler found errors in the source; its own messages stand above.",
        "HF109 server.cpp does not compile: g++ ended with status 1",
        "Read the first error above and repair it; later ones are often its echo. If it lies"
        " inside Python.h or a standard header, the standard is too old: --std c++20.",
    ),
    Code(
        "HF110",
        "the host does not link",
        "Compiling went well, putting the program together did not. Most often a function is"
        " declared and nowhere defined, or lies in a library that was not named.",
        "HF110 server.cpp does not link: g++ ended with status 1",
        "Look for 'undefined reference' above. holdfast run and build take one source file:"
        " for several files or other libraries, use CMake (holdfast new makes a project).",
    ),
    Code(
        "HF111",
        "the source file cannot be read",
        "The file named on the command line does not exist, is a folder or a device, or may not be"
        " read.",
        "HF111 cannot read 'sever.cpp': No such file or directory",
        "Check the name; relative names count from the current folder.",
    ),
    Code(
        "HF112",
        "a file cannot be written",
        "An output, or holdfast's cache, has no place: the folder is missing or read-only, or the"
        " disk is full. Where the user's cache cannot be written, holdfast run, holdfast demo and"
        " pyholdfast.testing use one in the temporary folder and say so.",
        "HF112 cannot write '/home/me/.cache/holdfast': Read-only file system",
        "Make room or permit writing; the cache moves with XDG_CACHE_HOME.",
    ),
    Code(
        "HF113",
        "the file is no ELF program or library",
        "holdfast reads programs and libraries of Linux and its relatives. The file is a script,"
        " an object of another kind of system, or is cut short.",
        "HF113 cannot read 'host.sh' as a program or shared library: it does not begin with the"
        " ELF signature",
        "Name the program that the linker wrote.",
    ),
    Code(
        "HF114",
        "the compiled host does not start",
        "The program was built and is there, but the system refuses to run it, for example from"
        " a file system that forbids programs (mounted noexec).",
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
        "There is no such command or option, an argument is missing, a value is not of the kind"
        " that its option takes, options contradict each other, or arguments follow -- for a"
        " command that starts no program.",
        "HF116 holdfast demo: --threads: 'many' is no whole number",
        "holdfast COMMAND --help shows what the command takes.",
    ),
    Code(
        "HF117",
        "the package is incomplete",
        "A file that belongs to holdfast itself is missing: a header, or the list of symbols"
        " for the linker. The installation was interrupted, or copied in part.",
        "HF117 holdfast's own file is missing: '/usr/lib/python3/holdfast/include/holdfast/"
        "version.hpp'",
        "Install holdfast again, from where you installed it: pip install --force-reinstall . in its"
        " checkout. Not by its name alone: on PyPI, that is another project's.",
    ),
    Code(
        "HF118",
        "an output would overwrite what is read, or another output",
        "Two names on the command line lead to one file, perhaps by a link: a file that is read,"
        " as a source, a header or a module, and one to be written; or two to be written. Nothing"
        " was written.",
        "HF118 cannot write 'host.cpp': it is the same file as 'host.cpp', which is read, too",
        "Name another file for the output.",
    ),
    Code(
        "HF119",
        "a file or folder may not be looked at",
        "Whether a file is there cannot be said, because its folder belongs to somebody else and is"
        " closed.",
        "HF119 cannot look at '/srv/closed/host.cpp': Permission denied",
        "Permit it, e.g. with chmod, or name another file.",
    ),
    Code(
        "HF130",
        "a Python that was found beside the project is not run",
        "A .venv beside the source, or above it, was found without having been named. Running it"
        " runs whatever is there, so it must belong to this user or to root, as must each folder"
        " on the way, and nobody else may write to them. What --python, HOLDFAST_PYTHON or an active"
        " environment names is run whoever owns it.",
        "HF130 the Python of '/srv/app/.venv' is not run: '/srv/app/.venv/bin' belongs to user www",
        "Name it, if it is the right one: --python .venv/bin/python",
    ),
    Code(
        "HF131",
        "the cache is not used, because it may be somebody else's",
        "Programs in the cache are run without being made again. So its folder must belong to this"
        " user or to root, as must each folder above it, and nobody else may write to it. Else a"
        " private folder for temporary files is used, and everything is compiled once more.",
        "HF131 the cache '/srv/cache/holdfast' is not used: it belongs to user www",
        "Remove the folder, or point XDG_CACHE_HOME at one of your own.",
    ),
)
