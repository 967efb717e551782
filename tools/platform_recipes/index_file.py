"""Fetches one pinned file from the index that pip is configured with, without running its contents.

``pip download`` would run the setup of a source distribution. Imports nothing of this package.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from python_matrix.steps import UnavailableError

if TYPE_CHECKING:
    from python_matrix.steps import Steps

__all__ = ["PinnedFile", "fetch"]

JSON = "application/vnd.pypi.simple.v1+json"
TIMEOUT_S = 120
# The widest help that argparse and optparse print on one line.
WIDE = {"COLUMNS": "2000"}


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of an index.

    Attributes:
        project: the name under which the index lists it.
        name: its file name.
        sha256: of its contents.
    """

    project: str
    name: str
    sha256: str


def fetch(file: PinnedFile, folder: Path, steps: Steps) -> Path:
    """Put the file into a folder, unless it is there, and return its path.

    Raises:
        UnavailableError: if no index has it, or its contents are not those that are pinned.
    """
    target = folder / file.name
    if target.is_file() and _digest(target.read_bytes()) == file.sha256:
        return target
    steps.say(f"downloading {file.name}")
    contents = _contents(file, steps)
    if _digest(contents) != file.sha256:
        raise UnavailableError(
            f"{file.name} has the hash {_digest(contents)}, not {file.sha256}",
            "do not use it: the file has been replaced",
        )
    folder.mkdir(parents=True, exist_ok=True)
    arriving = target.with_suffix(".arriving")
    arriving.write_bytes(contents)
    arriving.replace(target)
    return target


def _contents(file: PinnedFile, steps: Steps) -> bytes:
    context = _context(steps)
    tried: list[str] = []
    for index in _indexes(steps):
        page = urljoin(f"{index.rstrip('/')}/", f"{file.project}/")
        try:
            return _read(_address(page, file, context), context)
        except (OSError, LookupError, ValueError) as error:
            tried.append(str(error))
    raise UnavailableError(
        f"the index of pip has no {file.name}: {'; '.join(tried) or 'none is configured'}",
        "make the index reachable: `pip download ziglang` shows whether it is",
    )


def _address(page: str, file: PinnedFile, context: ssl.SSLContext) -> str:
    """The address of a file, from the page of its project in either of the two formats.

    Raises:
        LookupError: if the page does not list it.
    """
    asked = urllib.request.Request(page, headers={"Accept": f"{JSON}, text/html;q=0.1"})  # noqa: S310 the index that the user configured
    with urllib.request.urlopen(asked, timeout=TIMEOUT_S, context=context) as answer:  # noqa: S310 likewise
        text = answer.read().decode()
        is_json = answer.headers.get_content_type() == JSON
        address = answer.geturl()
    if is_json:
        links = [entry["url"] for entry in json.loads(text)["files"]]
    else:
        links = re.findall(r'href="([^"#]+)', text)
    for link in links:
        if urlsplit(link).path.rpartition("/")[2] == file.name:
            return str(urljoin(address, link))
    message = f"{file.project} has no such file"
    raise LookupError(message)


def _read(address: str, context: ssl.SSLContext) -> bytes:
    with urllib.request.urlopen(address, timeout=TIMEOUT_S, context=context) as answer:  # noqa: S310 from that index
        contents: bytes = answer.read()
        return contents


def _indexes(steps: Steps) -> list[str]:
    """The addresses that pip would ask, its default among them, which only its help says."""
    found = [_setting("index-url", steps), *(_setting("extra-index-url", steps) or "").split()]
    told = steps.ask(sys.executable, "-m", "pip", "download", "--help", env=WIDE)
    if match := re.search(r"--index-url.*\(default (\S+?)\)", told):
        found.insert(1, match[1])
    return [address for address in dict.fromkeys(found) if address]


def _setting(name: str, steps: Steps) -> str | None:
    """A setting of pip, from its variables and files."""
    listed = steps.ask(sys.executable, "-m", "pip", "config", "list")
    found = re.findall(rf"^[^=]*\.{name}='(.*)'$", listed, re.MULTILINE)
    return found[-1].replace("\\n", " ") if found else None


def _context(steps: Steps) -> ssl.SSLContext:
    certificates = _setting("cert", steps)
    usable = certificates and Path(certificates).is_file()
    return ssl.create_default_context(cafile=certificates if usable else None)


def _digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
