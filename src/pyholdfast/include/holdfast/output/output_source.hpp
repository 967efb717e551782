// holdfast/output/output_source.hpp: the Python side of output.hpp.
//
// It runs with the names send(kind, text, thread, logger, level), system_name(), STDOUT, STDERR and
// LOGGING. Nothing here holds a lock while it calls send().
#pragma once

namespace holdfast::detail {

inline constexpr const char *output_source_text = R"python(
import atexit
import io
import logging
import os
import sys
import threading
import weakref


# Kept here: when Python ends, modules are cleared before the last destructors print.
active, dummy, ident = threading._active, threading._DummyThread, threading.get_ident
process = os.getpid


def thread_name(own=""):
    """Python's name for this thread; the system's, if Python did not start it."""
    if own and not str(own).startswith("Dummy-"):
        return str(own)
    thread = active.get(ident())
    if thread is None or isinstance(thread, dummy):
        return system_name()
    return thread.name


def as_text(line, is_raw):
    """Converts a line with bytes from the caller to UTF-8, once it is complete."""
    return line.decode("utf-8", "backslashreplace").encode("utf-8") if is_raw else line


class Rest:
    """The unfinished last line of one thread. It is sent when the thread ends, in the same process.

    A forked child deletes the lines of other threads: they are the parent's, and the sink might wait for them.
    """

    def __init__(self, kind):
        self.kind, self.data, self.thread, self.process = kind, b"", "", process()
        self.is_raw = False

    def send(self):
        data, self.data = as_text(self.data, self.is_raw), b""
        if data and self.process == process():
            send(self.kind, data, self.thread, "", 0)

    __del__ = send


class Bytes(io.RawIOBase):
    """The class of sys.stdout.buffer."""

    def __init__(self, stream):
        self._stream = stream

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        self._stream._put(data, True)
        return len(data)

    def flush(self):
        self._stream.flush()

    def fileno(self):
        return self._stream.fileno()

    def close(self):
        pass


class Stream(io.TextIOBase):
    """Replaces sys.stdout or sys.stderr. Each thread has its own line."""

    encoding = "utf-8"
    errors = "backslashreplace"
    mode = "w"
    line_buffering = True

    def __init__(self, kind, name, before):
        self.name = name
        self.buffer = Bytes(self)
        self._kind, self._before = kind, before
        self._local, self._ending = threading.local(), False
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._go_on)

    def _begin(self):
        self._rests, self._adding = weakref.WeakSet(), threading.Lock()

    def _go_on(self):
        """In a forked child, where the lock may be held by a thread that does not exist."""
        self._begin()
        rest = getattr(self._local, "rest", None)
        if rest is not None:
            rest.process = process()
            self._rests.add(rest)

    def _rest(self):
        try:
            return self._local.rest
        except AttributeError:
            rest = self._local.rest = Rest(self._kind)
            with self._adding:
                self._rests.add(rest)
            return rest

    def _put(self, data, is_raw=False):
        rest = self._rest()
        # What a finalizer or a signal handler prints meanwhile comes after this
        data, rest.data = rest.data + data, b""
        *lines, left = data.split(b"\n")
        is_raw = is_raw or rest.is_raw
        rest.data = left + rest.data
        rest.is_raw = is_raw and rest.data != b""
        rest.thread = thread = thread_name()
        for line in lines:
            send(self._kind, as_text(line, is_raw), thread, "", 0)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._put(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def flush(self):
        """A line is sent when it is complete; the remainder, when nothing can follow."""
        if self._ending:
            self._rest().send()

    def end(self):
        self._ending = True
        with self._adding:
            rests = list(self._rests)
        for rest in rests:
            rest.send()

    def writable(self):
        return True

    def fileno(self):
        if self._before is None:
            raise io.UnsupportedOperation("fileno")
        return self._before.fileno()

    def reconfigure(self, **options):
        self.flush()

    def close(self):
        pass


class Handler(logging.Handler):
    """Sends a record line by line. Like NullHandler it has no lock, because the sink may take its own."""

    holdfast_output = True

    def createLock(self):
        self.lock = None
        self._at_fork_reinit = lambda: None

    def handle(self, record):
        passed = self.filter(record)
        if passed:
            self.emit(passed if isinstance(passed, logging.LogRecord) else record)
        return passed

    def emit(self, record):
        try:
            name = thread_name(record.threadName)
            text = self.format(record).encode("utf-8", "backslashreplace")
            logger = str(record.name)
            for line in text.split(b"\n"):
                send(LOGGING, line, name, logger, record.levelno)
        except Exception:
            self.handleError(record)


def replace(name, kind):
    before = getattr(sys, name, None)
    if before is not None:
        try:
            before.flush()
        except Exception:
            pass
    stream = Stream(kind, f"<{name}>", getattr(before, "_before", before))
    atexit.register(stream.end)
    setattr(sys, name, stream)
    # Python switches back to this one when it ends, and destructors still print after that.
    setattr(sys, f"__{name}__", stream)


if streams:
    replace("stdout", STDOUT)
    replace("stderr", STDERR)
if records:
    root = logging.getLogger()
    for old in root.handlers[:]:
        if getattr(old, "holdfast_output", False):
            root.removeHandler(old)
    root.addHandler(Handler())
    if level >= 0:
        root.setLevel(level)
)python";

}  // namespace holdfast::detail
