"""HF243, HF260 to HF269: the C interface, and the Python that it finds at run time."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF243",
        "the interpreter has not ended within the limit",
        "hf_finalize() reached its limit, and threads are still inside. The interpreter keeps"
        " running, closed: new threads are refused, and those inside may finish. The report names"
        " them.",
        "hf_report *report;\nif (hf_finalize(python, 5000, &report) == HF_STILL_INSIDE)\n"
        "    fputs(hf_report_text(report), stderr);  // \"thread 4711 'worker-3': worker+0x2c in server, for 5.2 s\"",
        "Let the threads that the report names end their scopes, and call hf_finalize() again. Or"
        " call hf_reopen() to continue, or hf_finalize_interrupting().",
    ),
    Code(
        "HF260",
        "no Python was found",
        "The program names no Python, there is no bundle beside it, HOLDFAST_PYTHON and VIRTUAL_ENV"
        " are not set, and no python3 on PATH can be used. The message lists each candidate with the"
        " reason.",
        "HF260 no Python on PATH can be used:\n"
        "  - '/usr/bin/python3': it has no shared libpython\n"
        "  - '/opt/py/bin/python3': it is cpython 3.9.18",
        "Name a Python in hf_config.python or HOLDFAST_PYTHON.",
    ),
    Code(
        "HF261",
        "the Python that was named cannot be used",
        "It does not exist, does not run, or is not CPython 3.10 or later. If a Python is named, no"
        " other one is tried.",
        "HF261 '/opt/py/bin/python', named by HOLDFAST_PYTHON, cannot be used: there is no such file",
        "Name another Python. If you name none, python3 on PATH is used.",
    ),
    Code(
        "HF262",
        "the Python has no shared library",
        "A program loads libpython3.X.so when it starts Python. This Python has no such file: its"
        " libpython is built into the interpreter, or the package with the library is not installed.",
        "HF262 '/usr/bin/python3', named by hf_config.python, cannot be used: it has no shared libpython",
        "Debian: apt install libpython3.X. pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv"
        " install. uv's and conda's Pythons have it.",
    ),
    Code(
        "HF263",
        "the libpython cannot be loaded",
        "It is for another processor than the program, e.g. a 32-bit one, or a library that it needs"
        " is missing. In the second case, the message ends with what the loader says.",
        "HF263 '/opt/arm/bin/python3', named by HOLDFAST_PYTHON, cannot be used:"
        " it is for aarch64, and this program is for x86-64",
        "Name a Python for the program's processor, or install what the message says is missing.",
    ),
    Code(
        "HF264",
        "there is no backend for this Python",
        "libholdfast loads a backend: holdfast's runtime, compiled for one version of Python. It"
        " looks in hf_config.backend_folder, in HOLDFAST_BACKENDS, in holdfast-backends beside the"
        " program and beside libholdfast, and in the user's cache, and never compiles one itself. In"
        " a bundle, it looks in hf_config.backend_folder and in the bundle only.",
        "HF264 '/usr/bin/python3', named by HOLDFAST_PYTHON, cannot be used: there is no backend for"
        " Python 3.12\n  - '/srv/app/holdfast-backends/holdfast-backend-3.12.so': there is no such file",
        "holdfast backend --python PATH makes it for this user. With -o DIR/holdfast-backends, it is"
        " put beside the program in DIR.",
    ),
    Code(
        "HF265",
        "the backend does not fit",
        "The file exists, but it was made by another version of holdfast, or for another Python or"
        " processor, or it is damaged, or other users could have changed it.",
        "HF265 there is no backend for Python 3.12 that fits\n"
        "  - '/srv/app/holdfast-backends/holdfast-backend-3.12.so': it was built for Python 3.11,"
        " not for 3.12",
        "Make it again with the holdfast that made the program: holdfast backend --python PATH.",
    ),
    Code(
        "HF266",
        "the process has loaded another libpython",
        "A process can have only one libpython. Another one was loaded before: the program is linked"
        " with it, a plug-in loaded it, or an earlier hf_start() of this process used it.",
        "HF266 '/opt/py3.12/bin/python', named by hf_config.python, cannot be used: it is Python 3.12,"
        " and this process has loaded Python 3.11 already ('/usr/lib/libpython3.11.so.1.0')",
        "Name a Python of the version that is loaded, or keep the other one from being loaded.",
    ),
    Code(
        "HF267",
        "the configuration is not prepared",
        "hf_config.size says which fields the program knows. It is 0 if the configuration was not"
        " prepared. It is larger than the library's if the program is newer; this is an error if the"
        " program sets a field that the library does not know.",
        "hf_config config;  // not zeroed\nhf_start(&config, &python);  // HF267",
        "Write hf_config config = {0}; config.size = sizeof config; and use a library that is at"
        " least as new as the header.",
    ),
    Code(
        "HF268",
        "there is no memory or no thread",
        "The system has no memory, or starts no more threads. In C++, this is std::bad_alloc or"
        " std::system_error.",
        "hf_executor_start(view, 100000, &executor);  // HF268: the system gives no thread",
        "Free memory, or raise the limits of this user or container.",
    ),
    Code(
        "HF269",
        "a wrong argument",
        "A function of the C interface was given NULL where that is not allowed, a value whose kind"
        " is not one of hf_kind, a text or a list with a size but without data, or a hf_config with"
        " a negative interval.",
        "hf_call(NULL, NULL, 0, &result);  // HF269",
        "Test the status of the call that made the handle, and set the kind of each value.",
    ),
)
