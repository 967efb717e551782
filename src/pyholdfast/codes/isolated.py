"""HF330 to HF336: how a worker process of an isolated_executor ended. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF330",
        "a signal ended a worker process",
        "The function crashed (SIGSEGV, SIGABRT, SIGFPE and others), or its process was killed. If"
        " memory runs out, the system does so with SIGKILL. The task fails with this worker_error,"
        " whose signal() has the number. On Windows, an exception of the system ends a process that"
        " crashes, and exit_status() has its number. Other tasks are not affected.",
        "HF330 worker scoring-0 (pid 4711) was ended by signal 11 (Segmentation fault) while it ran"
        " app.score()",
        "Read python_stack(): it names the Python line that called the crashing code.",
    ),
    Code(
        "HF331",
        "a worker process exited",
        "The function called os._exit(), or C code called exit(). The task fails with this"
        " worker_error, whose exit_status() has the status. sys.exit() does not end a worker: it"
        " raises SystemExit, which becomes a python_error.",
        "HF331 worker scoring-0 (pid 4711) exited with status 3 while it ran app.score()",
        "Let the function return or raise instead of ending its process.",
    ),
    Code(
        "HF332",
        "a worker process reached its memory limit",
        "With isolated_config::memory, the system refuses a worker more private memory than that"
        " (RLIMIT_DATA). Python then raises MemoryError. If the function does not catch it, its task"
        " fails with this worker_error, and the worker is replaced.",
        "HF332 app.score() needed more than the 536870912 bytes that a worker may have: MemoryError",
        "Raise isolated_config::memory, or make the function need less memory.",
    ),
    Code(
        "HF333",
        "a worker process reached its limit of processor time",
        "The threads of the worker together used more processor time for one task than"
        " isolated_config::cpu allows. The worker was killed.",
        "HF333 worker scoring-0 used more than 2 s of processor time and was killed while it ran"
        " app.score()",
        "Raise isolated_config::cpu, or make the function do less in one call.",
    ),
    Code(
        "HF334",
        "a worker process sent something unexpected",
        "The worker sent something that holdfast's program in it never sends. The function, or a"
        " library that it uses, has written to a file descriptor that it did not open, or tried to"
        " forge an answer. Nothing of what it sent was run. The worker was killed.",
        "HF334 worker scoring-0 sent what no worker of ours sends, and was killed while it ran"
        " app.score()",
        "Keep the function from using file descriptors that it did not open.",
    ),
    Code(
        "HF335",
        "a worker process did not start",
        "There is no Python at the given path, a module of `preload` raised an exception, or the"
        " worker was not ready within `start_limit`. If no worker is left, the waiting tasks fail"
        " with this error. The next task starts another attempt.",
        "HF335 a worker of pool 'scoring' did not start: preload failed: ModuleNotFoundError: No"
        " module named 'models'",
        "Correct isolated_config::python, module_search_paths or preload, or raise start_limit.",
    ),
    Code(
        "HF336",
        "the system does not have a limit that is set",
        "The number of descriptors that a process may have is a limit of POSIX systems. Windows has"
        " nothing like it, and a limit that does not hold would be worse than none.",
        "HF336 isolated_config::open_files is set, and Windows has no such limit",
        "Leave isolated_config::open_files unset on Windows.",
    ),
)
