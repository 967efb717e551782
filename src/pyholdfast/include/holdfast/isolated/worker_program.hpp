// holdfast/isolated/worker_program.hpp: the Python program that a worker process runs.
//
// It needs no package of ours, and only built-in modules of CPython, so that it starts fast. It gets
// its descriptors from worker_process.ipp; the layout of the messages is in message.hpp.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <string>

#include <holdfast/isolated/worker_calls.hpp>
#include <holdfast/isolated/worker_values.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// What python -c runs: the program itself comes through a descriptor.
inline constexpr const char *worker_bootstrap =
    "import sys, types\n"
    "m = sys.modules['holdfast_worker'] = types.ModuleType('holdfast_worker')\n"
    "with open(3, 'rb') as f: code = f.read()\n"
    "exec(compile(code, '<holdfast worker>', 'exec'), m.__dict__)\n"
    "serve = m.__dict__.pop('serve')\n"
    "del m, f, code, types\n"
    "serve()\n";

inline constexpr const char *worker_settings = R"python(
import _io, _pickle, _signal, _socket, _struct, _thread, _weakref, faulthandler, mmap, os, sys
from time import monotonic, sleep

# 4 to 9 move out of the way: a file that a function opens gets the lowest number that is free, which
# is then never one of these, even if the function has closed it.
first = min(os.sysconf('SC_OPEN_MAX'), 1024) - 6
if first < 10:
    first = 4
for number in range(6):
    if first != 4:
        os.dup2(4 + number, first + number, inheritable=False)
        os.close(4 + number)
SOCKET, MEMORY, FAULTS, BELL = range(first, first + 4)  # and after it those that wake the host
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
ONE = (1).to_bytes(8, sys.byteorder)
FILE = '<holdfast worker>'
loads, dumps = _pickle.loads, _pickle.dumps
head = _struct.Struct('=IIII')
request = _struct.Struct('<IIIQHH')
answer = _struct.Struct('<IBBHHHQ')
number_of = _struct.Struct('<I')
MOST_KEPT = 1 << 26    # bytes; larger files for results are not used again
segment_of = _struct.Struct('<IQB')
# All pages at once: the host has just written to them. From 3.13 on, a mapping need not keep a
# descriptor.
MAP_OPTIONS = {'flags': mmap.MAP_SHARED | mmap.MAP_POPULATE}
if sys.version_info >= (3, 13):
    MAP_OPTIONS['trackfd'] = False
READY, RESULT, RAISED, INTERRUPTED, NO_MEMORY, NOT_STARTED, CHUNK, CALLED = range(8)
)python";

inline constexpr const char *worker_serving = R"python(
lock = _thread.allocate_lock()
is_x86 = os.uname().machine in ('x86_64', 'i686', 'i386')


def fence():
    """A full fence: there, the atomic operations of one lock are; elsewhere, those of two."""
    for _ in range(1 if is_x86 else 2):
        lock.acquire()
        lock.release()


def new_file():
    return os.memfd_create('holdfast-result', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def shortened(text, most):
    return text if len(text) <= most else f'{text[:most]}... ({len(text)} characters)'


def clean(text):
    return text.encode('utf-8', 'backslashreplace').decode()


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
    for descriptor in range(SOCKET, BELL + 3):
        os.set_inheritable(descriptor, False)
    faulthandler.enable(FAULTS, all_threads=False)
    faulthandler.register(_signal.SIGRTMAX - 2, FAULTS, all_threads=False)
    _signal.signal(_signal.SIGINT, worker.on_interrupt)
    os.register_at_fork(after_in_child=worker.after_fork)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(line_buffering=True)
    size, _, _, _ = worker.socket.recvmsg_into([room := bytearray(1 << 17)], 0)
    paths, preload, worker.limited, worker.most, logs, level = loads(memoryview(room)[:size])
    room = None
    sys.path[:0] = map(os.fsdecode, paths)
    if logs:
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
    return std::string(worker_settings) + worker_values + worker_calls + worker_serving;
}

}  // namespace holdfast::detail
