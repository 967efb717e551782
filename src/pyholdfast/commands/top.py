"""Watch the threads of a running host: which wait, which are attached, how often they attach.

A host keeps counters if it was started with HOLDFAST_COUNTERS=1 or with a watchdog, or called
start_counters(). top reads them from shared memory, on Windows from a file in %TEMP%: it needs no
extra rights, and the host does not notice. Without PID, it watches the only host, or lists the hosts if there are
several. To watch a host that is recording a trace, name the trace file.

On a terminal, w, h, c and n sort by time waiting, time attached, attaches and name, g shows threads
and workers of one kind in one row, and q ends it.

The column 'now' says what a thread did a tenth of a second ago at most:

  native    detached
  waiting   waits to attach
  runs      has Python's lock
  holds     has Python's lock and sleeps in a system call, so nobody runs Python
  queued    attached, but waits for its turn: another thread has the lock
  in call   attached, but has released the lock in a call such as time.sleep(), and sleeps there
  attached  attached without the lock; the system does not say why

'holds', 'queued' and 'in call' need Linux. A thread that takes turns with others by Python's switch
interval is 'runs' and 'queued' by turns. With sub-interpreters, @3 behind a thread's name is the
number of the interpreter that it attached to last; @1-3 are those of several threads.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.commands.values import number
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.top import pages
from pyholdfast.top.change import ORDERS, compare
from pyholdfast.top.keys import watched
from pyholdfast.top.pages import Page
from pyholdfast.top.processes import lives
from pyholdfast.top.prometheus import metrics
from pyholdfast.top.screen import CLEAR, HOME, frame, listing
from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import read_trace

if TYPE_CHECKING:
    from pyholdfast.trace.model import Trace

__all__ = ["add_arguments", "run"]

ORDER_OF_KEY = {order[0]: order for order in ORDERS}
LEAST_INTERVAL_S, LONGEST_INTERVAL_S = 0.1, 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "host", nargs="?", metavar="PID", help="the host's process ID, or its trace file"
    )
    parser.add_argument("--once", action="store_true", help="print the state once and exit")
    parser.add_argument(
        "--prometheus", action="store_true", help="print the counters once, in Prometheus format"
    )
    parser.add_argument(
        "--sort", choices=tuple(ORDERS), default="waiting", help="the order of the threads"
    )
    parser.add_argument(
        "--interval",
        type=number(LEAST_INTERVAL_S, LONGEST_INTERVAL_S),
        default=1.0,
        metavar="SECONDS",
        help="time between two updates; default 1",
    )


def run(args: argparse.Namespace) -> int:
    """Find the page, then print it once or repeatedly."""
    pages.clean()
    page = _page(args.host)
    if page is None:
        found = [(host.pid, _command(host)) for host in pages.hosts()]
        sys.stdout.write("\n".join(listing(found)) + "\n")
        return 0
    if args.prometheus:
        sys.stdout.write(metrics(compare(_look(page), None)))
        return 0
    if args.once:
        change = compare(_look(page), None, args.sort)
        sys.stdout.write("\n".join(frame(change, colour=False, order=args.sort)) + "\n")
        return 0
    return _watch(page, args.interval, args.sort)


def _page(host: str | None) -> Page | Path | None:
    if host is None:
        found = pages.hosts()
        if not found:
            raise HoldfastError("HF820", "no host of yours keeps counters", pages.REMEDY)
        return found[0] if len(found) == 1 else None
    if host.isdigit():
        return pages.find(int(host))
    if not Path(host).exists():
        raise UsageError(
            "HF116", f"'{host}' is neither a process nor a file", "give the number of a process"
        )
    return Path(host)


def _watch(page: Page | Path, interval: float, order: str) -> int:
    before: Trace | None = None
    group: bool | None = None
    colour = "NO_COLOR" not in os.environ
    file = page.path if isinstance(page, Page) else page
    with watched() as keys:
        while file.exists():
            now = _look(page)
            change = compare(now, before, order)
            if sys.stdout.isatty():
                size = shutil.get_terminal_size()
                lines = frame(change, colour=colour, size=size, order=order, group=group)
                # Clear each line after its text instead of the screen: this does not flicker.
                sys.stdout.write(HOME + "".join(f"{line}\x1b[K\n" for line in lines) + CLEAR)
            else:
                lines = frame(change, colour=False, order=order)
                sys.stdout.write("\n".join(lines) + "\n\n")
            sys.stdout.flush()
            if now.raw.ended or not lives(now.raw.pid):
                break
            key = keys.wait(interval)
            if key == "q":
                return 0
            if key == "g":
                group = not group
            order = ORDER_OF_KEY.get(key, order)
            if not key:
                before = now
    sys.stdout.write("the host has ended\n")
    pages.clean()
    return 0


def _look(page: Page | Path) -> Trace:
    return build(page.read() if isinstance(page, Page) else read_trace(page))


def _command(page: Page) -> str:
    try:
        return " ".join(page.read().command)
    except HoldfastError:  # the host has just ended, or belongs to another user
        return "?"
