// holdfast/isolated/worker_linux.hpp: the parts of a worker's program that only Linux has.
//
// Empty on Windows.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#if !defined(_WIN32)

namespace holdfast::detail {

/// What python -c runs: the program itself comes through a descriptor. A compiler leaves 2 MB of memory
/// in pieces that no process gives back, so a child compiles it, while the worker imports what it will
/// need. Where there is no child, because the worker may not start one or has threads already, it
/// compiles it itself.
inline constexpr const char *worker_bootstrap =
    "import marshal, os, sys\n"
    "m = sys.modules['holdfast_worker'] = type(sys)('holdfast_worker')\n"
    "f = open(3, 'rb+', 0)\n"
    "size = os.fstat(3).st_size\n"
    "compiled = lambda: compile(f.read(size), '<holdfast worker>', 'exec')\n"
    "try: child = os.fork() if len(os.listdir('/proc/self/task')) == 1 else None\n"
    "except OSError: child = None\n"
    "if child == 0:\n"
    "    try: data = marshal.dumps(compiled()); os._exit(f.write(data) != len(data))\n"
    "    finally: os._exit(1)\n"
    "import _pickle, _socket, faulthandler, mmap\n"
    "try: failed = child is None or os.waitpid(child, 0)[1]\n"
    "except OSError: failed = True\n"
    "f.seek(0 if failed else size)\n"
    "code = compiled() if failed else marshal.loads(f.read())\n"
    "f.close()\n"
    "exec(code, m.__dict__)\n"
    "serve = m.__dict__.pop('serve')\n"
    "del _pickle, _socket, child, code, compiled, f, failed, faulthandler, m, marshal, mmap, os, "
    "size\n"
    "serve()\n";

inline constexpr const char *worker_system = R"python(
import _signal, _socket, _struct, faulthandler, mmap, os, sys

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
ONE = (1).to_bytes(8, sys.byteorder)
is_x86 = os.uname().machine in ('x86_64', 'i686', 'i386')
# From 3.13 on, a mapping need not keep a descriptor.
MAP_OPTIONS = {'trackfd': False} if sys.version_info >= (3, 13) else {}
# Before, one that is kept takes a descriptor, of which a function may need all that there are.
keeps_mappings = bool(MAP_OPTIONS) or os.sysconf('SC_OPEN_MAX') >= 256


def map_shared(descriptor, _):
    return mmap.mmap(descriptor, 0, **MAP_OPTIONS)


close_key = os.close


def identity_of(descriptor):
    return os.fstat(descriptor).st_ino


def new_result(_):
    """Returns [its descriptor, its mapping if it has one]."""
    return [os.memfd_create('holdfast-result', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), None]


def free_result(memory):
    os.close(memory[0])


def reuse_result(memory):
    """It has all its pages, so that a write to the mapping cannot fail."""
    if memory[1] is None and keeps_mappings:
        try:
            memory[1] = mmap.mmap(memory[0], 0, mmap.MAP_SHARED | mmap.MAP_POPULATE, **MAP_OPTIONS)
        except OSError:  # no addresses, or no descriptor: it is written to as a file
            pass


def write_result(memory, part, position):
    descriptor, mapping = memory
    if mapping is not None:
        mapping[position:position + part.nbytes] = part
        return
    while part.nbytes:
        done = os.pwrite(descriptor, part, position)
        position += done
        part = part[done:]


class Transport:
    """How messages, memory and bells cross."""

    def open(self):
        self.socket = _socket.socket(fileno=SOCKET)
        self.memory = memoryview(mmap.mmap(MEMORY, ANSWERS + RING))

    def close(self):
        self.socket.close()

    def ring_bell(self, bell):
        try:
            os.write(BELL + bell, ONE)
        except OSError:  # a function has closed it
            os._exit(1)

    def await_bell(self):
        """False: the host is gone."""
        try:
            return os.read(BELL, 8)
        except OSError:  # a function has closed it
            os._exit(1)

    def send_packet(self, data, memory=None):
        if memory is None:
            self.socket.send(data)
        else:
            self.pass_on(data, _struct.pack('<i', memory[0]))

    def pass_on(self, data, descriptors):
        """The system counts the descriptors of all of the user's processes that were sent and have not
        been received, and compares them with this process's limit. Others may have sent many, which
        are received soon."""
        end = monotonic() + 5
        while True:
            try:
                return self.socket.sendmsg([data], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
            except OSError as problem:
                if problem.errno != errno.ETOOMANYREFS or monotonic() > end:
                    raise
            sleep(0.001)

    def receive_packet(self):
        """A packet, and the descriptors that came with it."""
        room = bytearray(INLINE + 8192)
        _, passed, _, _ = self.socket.recvmsg_into([room], _socket.CMSG_SPACE(4 * 253))
        if not passed:
            return room, ()
        return room, _struct.unpack(f'<{len(passed[0][2]) // 4}i', passed[0][2])

    def receive_settings(self):
        size, _, _, _ = self.socket.recvmsg_into([room := bytearray(1 << 17)], 0)
        return memoryview(room)[:size]


def prepare(worker):
    for descriptor in range(SOCKET, BELL + 3):
        os.set_inheritable(descriptor, False)
    faulthandler.enable(FAULTS, all_threads=False)
    faulthandler.register(_signal.SIGRTMAX - 2, FAULTS, all_threads=False)
    _signal.signal(_signal.SIGINT, worker.on_interrupt)
    os.register_at_fork(after_in_child=worker.after_fork)
)python";

}  // namespace holdfast::detail

#endif
