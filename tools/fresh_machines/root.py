"""One release of Debian in a folder, with an ordinary user; commands in it see nothing else.

Imports python_matrix.{apt_sources,debian_tree,steps}, ci_parts.{group,surroundings}.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ci_parts.group import run_group
from ci_parts.surroundings import carried, copy_of
from python_matrix.apt_sources import Archive
from python_matrix.debian_tree import remove_tree, unpack
from python_matrix.steps import Steps, UnavailableError

__all__ = ["LOCAL_PATH", "Root", "demand_root"]

USER = "stranger"
NUMBER = 1000
# The command that the README starts with is make's; nothing of ours can ask for that.
FIRST_PACKAGES = ("make", "ca-certificates")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECURITY = "-security"
# Not what follows the host in an address.
LOCAL_PATH = re.compile(r"(?:(?<=file://)|(?<![\w/:.-]))/[\w./+-]+")


class Root:
    """The tree; made by the constructor, removed by `remove`.

    Args:
        release: its name.
        archives: the archives that the machine's own apt reads.
        archive: the archive that has Debian's component main.
        tree: a folder that does not exist yet.
        steps: runs the commands and keeps their log.
    """

    def __init__(
        self, release: str, archives: Sequence[Archive], archive: Archive, tree: Path, steps: Steps
    ) -> None:
        self.release = release
        self._tree = tree
        self._steps = steps
        steps.say(f"unpacking a minimal Debian {release}")
        unpack(release, FIRST_PACKAGES, archive, tree, steps)
        self._configure(archives, archive)
        self._as_root("apt-get", "update")
        self._as_root("apt-get", "dist-upgrade", "--yes")
        self._as_root("useradd", "--create-home", f"--uid={NUMBER}", USER)

    def remove(self) -> None:
        """Delete the tree."""
        remove_tree(self._tree, self._steps)

    def install(self, packages: Sequence[str]) -> None:
        """Install packages, as a user who follows the messages."""
        self._steps.say(f"installing {' '.join(packages)}")
        self._as_root("apt-get", "install", "--yes", *packages)

    def uninstall(self, packages: Sequence[str]) -> None:
        """Remove packages and those that only they need, e.g. g++-12 with g++."""
        self._steps.say(f"removing {' '.join(packages)}")
        self._as_root("apt-get", "remove", "--yes", "--auto-remove", *packages)

    def move_in(self, checkout: Path, place: str, *, read_only_home: bool) -> str:
        """Make an empty HOME and a copy of the checkout; return the copy's path inside the tree."""
        home = self.home
        outside = self._tree / "srv"
        for folder in (home, outside):
            shutil.rmtree(folder)
            folder.mkdir(mode=0o755)
        above = outside if read_only_home else home
        copy_of(checkout, above / place)
        if not read_only_home:
            os.chown(home, NUMBER, NUMBER)
        for path in above.rglob("*"):
            os.chown(path, NUMBER, NUMBER, follow_symlinks=False)
        return f"/{(above / place).relative_to(self._tree)}"

    def own(self, place: str) -> str:
        """The path inside the tree of a folder in HOME, which is made if it does not exist."""
        folder = self.home / place
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, NUMBER, NUMBER)
        return f"/{folder.relative_to(self._tree)}"

    def write(self, place: str, text: str) -> None:
        """Write a file in HOME, as the user does who copies it from a page."""
        file = self.home / place
        file.write_text(text, encoding="utf-8")
        os.chown(file, NUMBER, NUMBER)

    @property
    def home(self) -> Path:
        """HOME, as it is called from outside."""
        return self._tree / "home" / USER

    def has(self, inside: str) -> bool:
        """Whether the tree has such a path."""
        return os.path.lexists(self._tree / inside.lstrip("/"))

    def run(self, command: str, folder: str, *, offline: bool, limit_s: float) -> tuple[int, str]:
        """Run a command as the ordinary user; return its status and everything it printed.

        A command that takes longer than `limit_s` is ended, and has status -9.
        """
        variables = {
            **carried(os.environ), "PATH": PATH, "HOME": f"/home/{USER}", "USER": USER,
        }  # fmt: skip
        words = [f"{name}={text}" for name, text in variables.items()]
        inside = ["chroot", f"--userspec={NUMBER}:{NUMBER}", str(self._tree), "env", "-i", *words,
                  "sh", "-c", f"cd {shlex.quote(folder)} && exec {command}"]  # fmt: skip
        with self._steps.log.open("a+b") as log:
            log.write(f"$ {command} # in {folder} of {self.release}\n".encode())
            log.flush()
            begin = log.tell()
            isolated = self._isolated(inside, offline=offline, folders=self._index_folders())
            status = run_group(isolated, limit_s, out=log)
            log.seek(begin)
            said = log.read().decode(errors="replace")
            return -signal.SIGKILL if status is None else status, said

    def _as_root(self, *command: str) -> None:
        variables = [f"PATH={PATH}", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        inside = ["chroot", str(self._tree), "env", "-i", *variables, *command]
        self._steps.run(*self._isolated(inside))

    def _isolated(
        self, command: Sequence[str], *, offline: bool = False, folders: Iterable[Path] = ()
    ) -> list[str]:
        """The command with its own mounts, or without a network, which end with it."""
        tree = self._tree
        lines = [f"mount --rbind /dev {shlex.quote(f'{tree}/dev')}",
                 f"mount --rbind /proc {shlex.quote(f'{tree}/proc')}"]  # fmt: skip
        for path in folders:
            target = shlex.quote(f"{tree}{path}")
            make = f"mkdir -p {target}" if path.is_dir() else f"touch {target}"
            lines += [make, f"mount --bind {shlex.quote(str(path))} {target}",
                      f"mount -o remount,ro,bind {target}"]  # fmt: skip
        script = "\n".join(["set -e", *lines, f"exec {shlex.join(command)}"])
        net = ["--net"] if offline else []
        return ["unshare", "--mount", "--propagation=private", *net, "sh", "-c", script]

    def _configure(self, archives: Sequence[Archive], archive: Archive) -> None:
        """Let apt and pip inside the tree reach the same servers as outside."""
        etc = self._tree / "etc"
        for name in ("resolv.conf", "hosts"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(Path("/etc", name), etc / name)
        trust = "[trusted=yes] " if archive.trusted else ""
        lines = [f"deb {trust}{archive.uri} {suite} main"
                 for suite in (self.release, f"{self.release}-updates")]  # fmt: skip
        lines += [
            f"deb {trust}{other.uri} {self.release}{SECURITY} main"
            for other in archives
            if other.suite.endswith(SECURITY) and other.uri.startswith(("http", "file"))
        ]
        (etc / "apt" / "sources.list").write_text("\n".join(lines) + "\n", encoding="utf-8")
        settings = self._steps.ask("apt-config", "dump", "Acquire")
        (etc / "apt" / "apt.conf.d" / "90machine").write_text(f"{settings}\n", encoding="utf-8")
        for file in _pip_files():
            copy = self._tree / file.relative_to("/")
            if not file.is_relative_to("/etc"):
                copy = etc / "pip.conf"
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)

    @staticmethod
    def _index_folders() -> Iterator[Path]:
        """The folders that pip's configuration on this machine names: indexes, certificates."""
        texts = [file.read_text(encoding="utf-8") for file in _pip_files()]
        named = {Path(word) for text in (*texts, *carried(os.environ).values())
                 for word in LOCAL_PATH.findall(text)}  # fmt: skip
        # The pages of an index are called simple, and name files that lie beside that folder.
        named = {path.parent if path.name == "simple" else path for path in named}
        last = None
        for path in sorted(named):
            # What lies in a folder that was named as well is there already.
            if path.exists() and not (last and path.is_relative_to(last)):
                last = path
                yield path


def _pip_files() -> list[Path]:
    home = Path.home()
    named = (
        Path("/etc/pip.conf"), *sorted(Path("/etc/xdg/pip").glob("*")),
        home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf",
    )  # fmt: skip
    return [file for file in named if file.is_file()]


def demand_root() -> None:
    """Only root can make such a tree.

    Raises:
        UnavailableError: for any other user.
    """
    if os.geteuid() != 0:
        raise UnavailableError(
            "only root can unpack and enter a Debian tree", "run tools/fresh_machine.py as root"
        )
