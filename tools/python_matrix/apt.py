"""Gets packages with apt: for the machine itself, and by name from another release.

Another release has its own lists, cache and pins, so that the machine's apt is not changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from python_matrix.apt_sources import Archive
from python_matrix.steps import Steps, UnavailableError

__all__ = ["OtherRelease", "ensure_installed"]


def ensure_installed(steps: Steps, packages: Sequence[str]) -> None:
    """Install those of `packages` that this machine lacks.

    Raises:
        UnavailableError: if some are missing and the caller is not root, or
            apt cannot install them.
    """
    missing = [name for name in packages if not _installed(steps, name)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise UnavailableError(
            f"packages are missing and only root can install them: {', '.join(missing)}",
            f"run as root: apt-get install {' '.join(missing)}",
        )
    steps.say(f"installing {', '.join(missing)}")
    # Another program may be installing something just now.
    install = (
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=600",
        "install",
        "--yes",
        "--no-install-recommends",
        *missing,
    )
    try:
        steps.run(*install)
    except UnavailableError:
        # The machine's lists may be absent or too old; only then are they fetched.
        steps.run("apt-get", "update")
        steps.run(*install)


def _installed(steps: Steps, package: str) -> bool:
    try:
        return steps.ask("dpkg-query", "-W", "-f", "${db:Status-Status}", package) == "installed"
    except UnavailableError:
        return False


class OtherRelease:
    """One release of an archive, read apart from the machine's own apt.

    Args:
        archive: the archive that the machine uses.
        suite: the release to read.
        folder: a scratch folder, made if it is missing.
        processor: whose packages, in Debian's words; default: this machine's.
    """

    def __init__(
        self, archive: Archive, suite: str, folder: Path, processor: str | None = None
    ) -> None:
        self._folder = folder
        self._processor = processor
        for part in ("sources", "preferences", "lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        (folder / "sources" / "other.sources").write_text(_stanza(archive, suite), encoding="utf-8")

    def update(self, steps: Steps) -> None:
        """Fetch the release's lists.

        Raises:
            UnavailableError: if the archive cannot be reached or is not trusted.
        """
        steps.run("apt-get", *self._options(), "--error-on=any", "update")

    def available(self, steps: Steps, packages: Iterable[str]) -> list[str]:
        """Return those of `packages` that the release has, in the order given.

        Raises:
            UnavailableError: if apt cannot read the lists.
        """
        names = set(steps.ask("apt-cache", *self._options(), "pkgnames").split())
        return [name for name in packages if name in names]

    def download_source(self, steps: Steps, package: str, folder: Path) -> None:
        """Put the files of a source package into `folder`: verified, but not unpacked.

        Raises:
            UnavailableError: if the release has no such source package.
        """
        folder.mkdir(parents=True, exist_ok=True)
        steps.run("apt-get", *self._options(), "source", "--download-only", package, cwd=folder)

    def download(self, steps: Steps, packages: Sequence[str]) -> list[Path]:
        """Fetch packages and all that they depend on: verified, but not unpacked.

        Raises:
            UnavailableError: if the release lacks one of them.
        """
        steps.run(
            "apt-get", *self._options(), "install", "--yes", "--download-only",
            "--no-install-recommends", *packages,
        )  # fmt: skip
        return sorted((self._folder / "cache" / "archives").glob("*.deb"))

    def _options(self) -> list[str]:
        at = self._folder
        settings = {
            "Dir::Etc::SourceList": "/dev/null",
            "Dir::Etc::SourceParts": str(at / "sources"),
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": str(at / "preferences"),
            "Dir::State::Lists": str(at / "lists"),
            # An empty status file: what this machine has installed must not
            # look as if the other release had it.
            "Dir::State::Status": str(at / "status"),
            "Dir::Cache": str(at / "cache"),
            "APT::Default-Release": "",
            "Acquire::Languages": "none",
        }
        if self._processor is not None:
            settings |= {
                "APT::Architecture": self._processor,
                "APT::Architectures": self._processor,
            }
        if os.geteuid() == 0:
            # The unprivileged user that apt drops to cannot enter root's cache.
            settings["APT::Sandbox::User"] = "root"
        return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _stanza(archive: Archive, suite: str) -> str:
    """Write the deb822 paragraph of `suite`, with the trust settings of the machine's archive."""
    lines = [
        "Types: deb deb-src",
        f"URIs: {archive.uri}",
        f"Suites: {suite}",
        f"Components: {' '.join(archive.components)}",
    ]
    if archive.signed_by:
        lines.append(f"Signed-By: {archive.signed_by}")
    if archive.trusted:
        lines.append("Trusted: yes")
    return "\n".join(lines) + "\n"
