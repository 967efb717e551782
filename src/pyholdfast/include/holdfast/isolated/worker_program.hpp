// holdfast/isolated/worker_program.hpp: the Python program that a worker process runs.
//
// It needs no package of ours, and only built-in modules of CPython, so that it starts fast. It gets
// its descriptors from worker_process.ipp; the layout of the messages is in message.hpp.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <string>

#if defined(_WIN32)
#include <holdfast/isolated/worker_windows.hpp>
#else
#include <holdfast/isolated/worker_linux.hpp>
#endif
#include <holdfast/isolated/worker_calls.hpp>
#include <holdfast/isolated/worker_memory.hpp>
#include <holdfast/isolated/worker_values.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

inline constexpr const char *worker_settings = R"python(
import _io, _pickle, _signal, _struct, _thread, _weakref, errno, faulthandler, os, sys
from time import monotonic, sleep

INLINE = 65536         # longer messages go through memory of their own,
IN_RING = 16384        # and those that are longer than this through the socket
# The first words of MEMORY, in the order of message_ring.hpp.
(INTERRUPT, RUNNING, REQUEST_END, REQUEST_BEGIN, WORKER_SLEEPS, CLOSING, ANSWER_END, ANSWER_BEGIN,
 HOST_SLEEPS, STOP, HEARD_FOR, HEARD, VERDICT, *RESULT_READ) = range(0, 17 * 16, 16)
RING = 128 << 10       # bytes of each ring, which follow the first page
REQUESTS, ANSWERS = 4096, 4096 + RING
POSITION, OFFSET = (1 << 32) - 1, RING - 1
GO_TO_START = POSITION
WANTED, STREAMED, CALLS, IN_SOCKET = 1, 2, 4, 0x100
MOST_IN_CHUNK = 256    # values, and of the chunks,
CHUNKS_AHEAD = 3       # so many, as message_ring.hpp has it
LONGEST_CHUNK = 0.001  # seconds; the limit applies to each chunk
FILE = '<holdfast worker>'
loads, dumps = _pickle.loads, _pickle.dumps
head = _struct.Struct('=IIII')
request = _struct.Struct('<IIIQHH')
answer = _struct.Struct('<IBBHHHQ')
number_of = _struct.Struct('<I')
MOST_KEPT = 1 << 26    # bytes; larger memory for results is not used again
MOST_MAPPED = 1 << 26  # bytes of segments that stay mapped while no view has them,
MOST_MAPPINGS = 8 if keeps_mappings else 0  # and how many
MOST_TYPES = 64        # of views, by their size
MOST_PARTS = 10000     # of a message, whose sizes are in one packet
NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC, errno.ETOOMANYREFS}
segment_of = _struct.Struct('<IQB')
READY, RESULT, RAISED, INTERRUPTED, NO_MEMORY, NOT_STARTED, CHUNK, CALLED = range(8)
)python";

inline constexpr const char *worker_serving = R"python(
lock = _thread.allocate_lock()


def fence():
    """A full fence: there, the atomic operations of one lock are; elsewhere, those of two."""
    for _ in range(1 if is_x86 else 2):
        lock.acquire()
        lock.release()


def shortened(text, most):
    return text if len(text) <= most else f'{text[:most]}... ({len(text)} characters)'


def clean(text):
    return text.encode('utf-8', 'backslashreplace').decode()


def write_utf8():
    """Where standard files that are pipes have another encoding, and lines another end."""
    if os.name == 'nt':
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding='utf-8', errors='backslashreplace', newline='\n')


def send_logs(level):
    import logging
    class Handler(logging.Handler):
        def emit(self, record):
            try:
                start = f'\0{record.levelno}\0{record.name}\0{record.threadName}\0'
                for line in self.format(record).split('\n'):
                    data = memoryview((start + line + '\n').encode('utf-8', 'backslashreplace'))
                    while data:
                        data = data[os.write(2, data):]
            except Exception:
                self.handleError(record)
    logging.getLogger().addHandler(Handler())
    if level >= 0:
        logging.getLogger().setLevel(level)


def serve():
    worker = Worker.only = Worker()
    prepare(worker)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(line_buffering=True)
    paths, preload, worker.limited, worker.most, logs, level = loads(worker.receive_settings())
    sys.path[:0] = map(os.fsdecode, paths)
    if logs:
        write_utf8()
        send_logs(level)
    try:
        for module in preload:
            __import__(module)
    except BaseException as problem:
        if isinstance(problem, MemoryError):
            worker.spare = None
        worker.send(0, NOT_STARTED, worker.describe(problem)[1], ())
        os._exit(1)
    worker.send(0, READY, b'N.', ())
    worker.loop()
)python";

/// The whole program.
HOLDFAST_DETAIL_COLD inline std::string worker_program() {
    return std::string(worker_system) + worker_settings + worker_values + worker_memory +
           worker_calls + worker_serving;
}

}  // namespace holdfast::detail
