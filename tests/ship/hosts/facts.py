"""What a host in a bundle says about the Python that it runs on."""

import ctypes
import hashlib
import json
import os
import sqlite3
import ssl
import subprocess
import sys
import zlib

import helper

__all__ = ["facts"]


def facts() -> str:
    """As JSON: paths, and the answers of modules that need shared libraries."""
    with sqlite3.connect(":memory:") as connection:
        (two,) = connection.execute("select 1 + 1").fetchone()
    child = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(sys.prefix)"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return json.dumps(
        {
            "version": sys.version.split()[0],
            "prefix": sys.prefix,
            "path": sys.path,
            "executable": sys.executable,
            "child_prefix": child.stdout.strip(),
            "files": sorted({file for file in files if file}),
            "isolated": sys.flags.isolated,
            "variable": os.environ.get("HOLDFAST_TEST_SHIP"),
            "modules": [
                two,
                ssl.OPENSSL_VERSION[:7],
                zlib.crc32(b"x"),
                ctypes.sizeof(ctypes.c_int),
            ],
            "digest": hashlib.sha256(helper.TEXT).hexdigest()[:8],
        }
    )
