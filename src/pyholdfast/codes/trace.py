"""HF801 to HF822: recording what threads do, reading it, the watchdog, and counters."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF801",
        "the trace file cannot be made",
        "A trace is written to a new file. That file already exists, its folder does not exist or"
        " is not writable, or the disk is full. A host that asked for a trace with"
        " interpreter_config::trace gets a startup_error. If only HOLDFAST_TRACE asked for it, the"
        " host runs without a trace.",
        "HF801 cannot record into 'run.trace': File exists",
        "Name a file that does not exist yet, in a writable folder. %p in the name stands for the"
        " process ID.",
    ),
    Code(
        "HF802",
        "HOLDFAST_WATCHDOG is not a duration",
        "The variable says how long an attach may wait before the watchdog reports it.",
        "HF802 HOLDFAST_WATCHDOG is not a duration: 'soon'",
        "Write seconds or milliseconds, e.g. 2s or 500ms; 0 for no watchdog.",
    ),
    Code(
        "HF803",
        "the file is not a trace",
        "The file cannot be opened, is empty, is too large, or does not begin like a trace.",
        "HF803 cannot read 'notes.txt' as a trace: it does not begin like one",
        "Name a file that HOLDFAST_TRACE or holdfast trace has written.",
    ),
    Code(
        "HF804",
        "the trace has another format",
        "The host was compiled with the headers of another release of holdfast.",
        "HF804 'run.trace' is a trace of format 2, and this holdfast reads 1",
        "Use the holdfast that the host was built with.",
    ),
    Code(
        "HF805",
        "the trace is damaged",
        "Parts of the file are missing, or its numbers contradict each other. A killed host leaves"
        " a whole file. A host whose file is truncated while it runs makes it whole again a moment"
        " later. A copy that was cut off stays damaged.",
        "HF805 the trace 'run.trace' is damaged: 65536 of its 991232 bytes are there",
        "Record it again, or copy the whole file.",
    ),
    Code(
        "HF806",
        "the host to trace or debug cannot be started",
        "holdfast trace -- HOST and holdfast debug HOST start the program as the shell would, and"
        " that failed.",
        "HF806 cannot start './host': No such file or directory",
        "Name a program that can be run: holdfast trace -- ./host",
    ),
    Code(
        "HF807",
        "an output file of a trace cannot be written",
        "An output file already exists, or its folder is not writable. Nothing was overwritten,"
        " and none of the other output files was kept.",
        "HF807 cannot write 'trace.html': File exists",
        "Name another file with -o, or remove this one. Without -o, holdfast takes the next free"
        " name: trace-2.html.",
    ),
    Code(
        "HF808",
        "nothing was recorded",
        "The host ended without starting Python through holdfast, so there is nothing to show.",
        "HF808 './host' recorded nothing",
        "Trace a program that is compiled with holdfast and attaches.",
    ),
    Code(
        "HF810",
        "an attach has waited for a long time",
        "The watchdog's report: who waits, who holds Python, and the Python stacks of both, newest"
        " line first. It is written once for each incident. The watchdog takes none of Python's"
        " locks, so it can report while everything else is blocked.",
        "HF810 an attach has waited 2.1 s",
        "Put a detach_guard around native code that blocks. Use holdfast::mutex for locks that"
        " attached threads take.",
    ),
    Code(
        "HF811",
        "finalize() has waited for a long time",
        "The watchdog's report on a finalize() that waits: which threads are inside, since when,"
        " and where they attached.",
        "HF811 finalize() has waited 2.1 s for threads that are inside",
        "Tell these threads to stop before you call finalize(), or give it a limit and act on its"
        " report.",
    ),
    Code(
        "HF812",
        "a thread has waited long for a holdfast::mutex",
        "The watchdog's report on mutexes: which thread holds which mutex and waits for which. The"
        " watchdog does not know the owner of a mutex that was locked before the watchdog began.",
        "HF812 a thread waits for a holdfast::mutex for more than 2.0 s",
        "If threads wait for each other, make each of them lock the mutexes in the same order, or"
        " lock them together with std::scoped_lock. If one owner is slow, make it unlock sooner.",
    ),
    Code(
        "HF813",
        "a worker process runs a task for a long time",
        "The watchdog's report on the workers of an isolated_executor: which one runs which function"
        " since when, and how much memory it has. It is written once for each task.",
        "HF813 worker processes run tasks for long",
        "If the task should not take that long, set isolated_config::limit. py-spy shows what it"
        " does.",
    ),
    Code(
        "HF820",
        "the process has no counters",
        "A host keeps counters in shared memory if it was started with HOLDFAST_COUNTERS=1 or with"
        " a watchdog, or called start_counters(). A host that"
        " records a trace keeps its counters in the trace file.",
        "HF820 process 4041 has no counters",
        "Start the host with HOLDFAST_COUNTERS=1. If it records a trace, name the trace file.",
    ),
    Code(
        "HF821",
        "the counters belong to another user",
        "The page in shared memory belongs to the user that the host runs as, and only that user"
        " may read it.",
        "HF821 the counters of process 4041 belong to another user",
        "Run holdfast top as that user.",
    ),
    Code(
        "HF822",
        "there is no such process",
        "The process has ended, or never existed. If it left a page behind, holdfast removed the"
        " page.",
        "HF822 there is no process 4041",
        "Run holdfast top without a number to see the processes that it can watch.",
    ),
)
