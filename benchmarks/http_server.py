#!/usr/bin/env python3
"""Compares examples/server with gunicorn and uWSGI: the same Flask application, the same load.

Needs the server as examples/server/README.md builds it, gunicorn and uWSGI (`pip install gunicorn
pyuwsgi flask`) for the same Python, and wrk. The servers are measured in turns, in several
rounds; the result is the median, with the lowest and the highest. Requests per second are divided by
the cores that the server used, as the system accounts for them: client and server share the machine.
The slowest requests are not listed: on a shared machine their times do not repeat.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = ROOT / "examples" / "server"
START_LIMIT_S = 30
END_LIMIT_S = 30
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Contender:
    """One server; `command` contains {port}."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The result of one run of wrk."""

    per_second: float
    per_core: float
    failed: int


def main() -> int:
    """Measure all servers and print a table; status 1 if one did not run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", type=Path, help="the server that was built")
    parser.add_argument("--python", type=Path, default=Path(sys.executable),
                        help="with flask, gunicorn and pyuwsgi; default: the one that runs this")  # fmt: skip
    parser.add_argument("--target", default="/", help="what is asked for; default /")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        parser.error("wrk is not installed: apt install wrk")
    contenders = _contenders(args.server.resolve(), args.python.absolute(), args.connections)
    taken: dict[str, list[Sample]] = {one.name: [] for one in contenders}
    missing: dict[str, str] = {}
    for number in range(args.rounds):
        turn = number % len(contenders)
        for one in contenders[turn:] + contenders[:turn]:
            if one.name in missing:
                continue
            try:
                taken[one.name].append(_measure(one, args))
            except (OSError, RuntimeError) as error:
                missing[one.name] = str(error)
    _print(args, taken, missing)
    return 1 if missing else 0


def _contenders(server: Path, python: Path, connections: int) -> list[Contender]:
    cores = len(os.sched_getaffinity(0))
    threads = str(connections)
    ours = (str(server), "--port", "{port}", "--threads", threads, "--linger", "0")
    gunicorn = (str(python), "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--log-level", "error",
                "--keep-alive", "5", "app:app")  # fmt: skip
    uwsgi = (str(python.parent / "pyuwsgi"), "--http", "127.0.0.1:{port}", "--http-keepalive",
             "--master", "--disable-logging", "--module", "app:app", "--die-on-term")  # fmt: skip
    return [
        Contender("holdfast, one interpreter", (*ours, "--mode", "one")),
        Contender("holdfast, a GIL each", (*ours, "--mode", "own-gil")),
        Contender("gunicorn, threads", (*gunicorn, "--threads", threads)),
        Contender("gunicorn, processes", (*gunicorn, "--workers", str(cores))),
        Contender("uWSGI, threads", (*uwsgi, "--enable-threads", "--threads", threads)),
        Contender("uWSGI, processes", (*uwsgi, "--processes", str(cores))),
    ]


def _measure(one: Contender, args: argparse.Namespace) -> Sample:
    port = _free_port()
    command = [word.format(port=port) for word in one.command]
    process = subprocess.Popen(
        command, cwd=APPLICATION, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for(port, process, one.name)
        url = f"http://127.0.0.1:{port}{args.target}"
        _wrk(url, args.connections, 1)  # warms up
        before, begun = _processor_seconds(process.pid), time.monotonic()
        said = _wrk(url, args.connections, args.seconds)
        used = _processor_seconds(process.pid) - before
        return _read(said, used / (time.monotonic() - begun))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_LIMIT_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], name: str) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with status {process.returncode} at its start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{name} does not listen")


def _wrk(url: str, connections: int, seconds: int) -> str:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _read(said: str, cores: float) -> Sample:
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None:
        raise RuntimeError(f"wrk said {said!r}")
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)  # fmt: skip
    failed += sum(map(int, socket_errors.groups())) if socket_errors else 0
    return Sample(float(rate[1]), float(rate[1]) / max(cores, 0.01), failed)


def _processor_seconds(leader: int) -> float:
    """User and system time of a process and all that it started, by /proc."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:  # its process group
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def _print(
    args: argparse.Namespace, taken: dict[str, list[Sample]], missing: dict[str, str]
) -> None:
    print(f"GET {args.target}, {args.connections} connections, {args.seconds} s, "
          f"medians of {args.rounds} rounds, {len(os.sched_getaffinity(0))} cores with the client\n")  # fmt: skip
    print(f"{'':28}{'per second':>12}{'per core':>12}{'lowest':>10}{'highest':>10}{'failed':>8}")
    for name, samples in taken.items():
        if name in missing:
            print(f"{name:28}not measured: {missing[name]}")
            continue
        rate = median(sample.per_second for sample in samples)
        cores = [sample.per_core for sample in samples]
        print(f"{name:28}{rate:12.0f}{median(cores):12.0f}{min(cores):10.0f}{max(cores):10.0f}"
              f"{sum(sample.failed for sample in samples):8}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
