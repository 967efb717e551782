"""HF801 to HF822: recording what threads do, reading it, the watchdog, and counters."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF801",
        "the trace file cannot be made",
        "What threads do is recorded into a file of its own. It exists already, its folder does not exist or"
        " cannot be written, or the disk is full. A host that asked by interpreter_config::trace gets a"
        " startup_error; where only HOLDFAST_TRACE asked, the host runs without a trace.",
        "HF801 cannot record into 'run.trace': File exists",
        "Name a file that does not exist yet, in a folder that can be written; %p in the name stands for"
        " the number of the process.",
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
        "the file is no trace",
        "The file cannot be opened, is empty, is too large to be one, or does not begin as traces do.",
        "HF803 cannot read 'notes.txt' as a trace: it does not begin like one",
        "Name a file that HOLDFAST_TRACE or holdfast trace made.",
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
        "Parts of the file are missing, or its numbers contradict each other. A host that is killed leaves"
        " a whole file, and so does one whose file is truncated while it runs, a moment later; a copy that"
        " was cut off is not whole.",
        "HF805 the trace 'run.trace' is damaged: 65536 of its 991232 bytes are there",
        "Record it again, or copy it as a whole.",
    ),
    Code(
        "HF806",
        "the host to be traced cannot be started",
        "holdfast trace -- HOST starts the program as the shell would.",
        "HF806 cannot start './host': No such file or directory",
        "Name a program that can be run: holdfast trace -- ./host",
    ),
    Code(
        "HF807",
        "a picture or another file of a trace cannot be written",
        "A file for the output exists already, or its folder cannot be written. Nothing was overwritten, and none of the"
        " other files was left behind.",
        "HF807 cannot write 'trace.html': File exists",
        "Name another file with -o, or remove this one. Without -o, the next free name is taken:"
        " trace-2.html.",
    ),
    Code(
        "HF808",
        "nothing was recorded",
        "The host ended without starting Python by way of holdfast, so there is nothing to show.",
        "HF808 './host' recorded nothing",
        "Trace a program that is compiled with holdfast and attaches.",
    ),
    Code(
        "HF810",
        "an attach has waited long",
        "The watchdog's report: who waits, who holds it, the Python stacks of both, newest line first. It is"
        " written once for each incident. The watchdog takes no lock of Python's, so it reports while"
        " everything else stands still.",
        "HF810 an attach has waited 2.1 s",
        "Put a detach_guard around what blocks in native code; lock what attached threads lock by"
        " holdfast::mutex.",
    ),
    Code(
        "HF811",
        "finalize() has waited long",
        "The watchdog's report about a drain: who is inside, since when, and where it came in.",
        "HF811 finalize() has waited 2.1 s for threads that are inside",
        "Tell these threads to end before finalize(), or give it a limit and act on its report.",
    ),
    Code(
        "HF812",
        "a thread waits long for a holdfast::mutex",
        "The watchdog's report about mutexes: which thread holds which, and waits for which. A mutex"
        " that was locked before the watchdog began has no owner that it knows.",
        "HF812 a thread waits for a holdfast::mutex for more than 2.0 s",
        "Where threads wait for each other, let each take these mutexes in one order, or take them at once"
        " by std::scoped_lock. Where one owner is slow, let it unlock sooner.",
    ),
    Code(
        "HF820",
        "the process has no counters",
        "A host keeps counters in shared memory if it was started with HOLDFAST_COUNTERS=1 or a watchdog, or called"
        " start_counters(), and has started Python by way of holdfast. One that records a trace has them in its file.",
        "HF820 process 4041 has no counters",
        "Start the host with HOLDFAST_COUNTERS=1; of one that records a trace, name the trace's file.",
    ),
    Code(
        "HF821",
        "the counters are another user's",
        "The page in shared memory belongs to the user that the host runs as, and only that user may read it.",
        "HF821 the counters of process 4041 are another user's",
        "Run holdfast top as that user.",
    ),
    Code(
        "HF822",
        "there is no such process",
        "The process has ended, or never was. If it left a page behind, that was removed.",
        "HF822 there is no process 4041",
        "See holdfast top, without a number, for those that can be looked at.",
    ),
)
