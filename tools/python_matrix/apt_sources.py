"""Finds the package archive that this machine uses, in apt's own configuration.

Both formats, one-line and deb822. Parses files; runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from python_matrix.steps import UnavailableError

__all__ = ["Archive", "debian_archive", "parse_deb822", "parse_one_line", "read_archives"]

APT_FOLDER = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")

_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$")
# What debootstrap and apt can both read from.
_SCHEMES = ("http://", "https://", "file:", "ftp://")


@dataclass(frozen=True, slots=True)
class Archive:
    """One binary package archive.

    Attributes:
        uri: address of the archive's top folder.
        suite: release name or class.
        components: e.g. ``("main",)``.
        signed_by: path of a keyring, a key's fingerprint or a key itself;
            None for apt's default keys.
        trusted: True if the administrator waived the signature.
    """

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str | None = None
    trusted: bool = False


def parse_one_line(text: str) -> list[Archive]:
    """Read the ``deb [options] uri suite components`` lines of a ``.list`` file."""
    found: list[Archive] = []
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if match is None:
            continue
        words = (match["options"] or "").split()
        pairs = (word.split("=", 1) for word in words if "=" in word)
        options = {key.lower(): value for key, value in pairs}
        suite, *components = match["rest"].split()
        found.append(
            Archive(
                uri=match["uri"],
                suite=suite,
                components=tuple(components),
                signed_by=options.get("signed-by"),
                trusted=options.get("trusted", "").lower() == "yes",
            )
        )
    return found


def parse_deb822(text: str) -> list[Archive]:
    """Read the enabled binary archives of a ``.sources`` file."""
    found: list[Archive] = []
    for stanza in _stanzas(text):
        if "deb" not in stanza.get("types", "").split():
            continue
        if stanza.get("enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        found.extend(
            Archive(
                uri=uri,
                suite=suite,
                components=tuple(stanza.get("components", "").split()),
                signed_by=stanza.get("signed-by") or None,
                trusted=stanza.get("trusted", "").lower() == "yes",
            )
            for uri in stanza.get("uris", "").split()
            for suite in stanza.get("suites", "").split()
        )
    return found


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """Yield the blank-line separated paragraphs, field names in lower case."""
    fields: dict[str, str] = {}
    last = ""
    for line in (*text.splitlines(), ""):
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t":
            if last:
                fields[last] += f"\n{line}"
        elif ":" in line:
            name, value = line.split(":", 1)
            last = name.strip().lower()
            fields[last] = value.strip()


def read_archives(folder: Path = APT_FOLDER) -> list[Archive]:
    """Read every archive in apt's configuration, in apt's order."""
    parts = sorted(folder.glob("sources.list.d/*"))
    found: list[Archive] = []
    for path in (folder / "sources.list", *parts):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".list":
            found.extend(parse_one_line(text))
        elif path.suffix == ".sources":
            found.extend(parse_deb822(text))
    return found


def debian_archive(archives: Sequence[Archive], os_release: Path = OS_RELEASE) -> Archive:
    """Pick the archive that this machine's own Debian release comes from.

    All releases of Debian are in one archive, so the same address has the newer releases from which
    we take packages.

    Raises:
        UnavailableError: if this is not Debian, or no usable archive is configured.
    """
    release = _os_release(os_release)
    system = release.get("ID", "unknown")
    if system != "debian":
        raise UnavailableError(
            f"the packages come from Debian's archive, this system is '{system}'",
            "run this on Debian or in a Debian container",
        )
    names = {release.get("VERSION_CODENAME", ""), "stable", "testing", "unstable", "sid"} - {""}
    for archive in archives:
        if archive.suite not in names or "main" not in archive.components:
            continue
        uri = _plain_uri(archive.uri)
        if uri is not None:
            return replace(archive, uri=uri, components=("main",))
    raise UnavailableError(
        f"apt's configuration names no archive with 'main' for {', '.join(sorted(names))}",
        f"add one under {APT_FOLDER}/sources.list.d",
    )


def _plain_uri(uri: str) -> str | None:
    """Resolve a local mirror list to its first entry; None if it cannot be read."""
    if uri.startswith("mirror+file:"):
        listed = Path(re.sub(r"^/+", "/", uri.split(":", 1)[1]))
        lines = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
        uri = next((word for word in lines if word.startswith(_SCHEMES)), "")
    return uri if uri.startswith(_SCHEMES) else None


def _os_release(path: Path) -> dict[str, str]:
    """Read the KEY=value lines of os-release; empty if there is no such file."""
    if not path.is_file():
        return {}
    pairs = (
        line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line
    )
    return {key: value.strip().strip('"') for key, value in pairs}
