// holdfast/isolated/worker_windows.hpp: the parts of a worker's program that only Windows has.
//
// Python's mmap can map shared memory by its name there, but not by a handle. So a worker gets keys
// (shared_memory_windows.hpp) and, for what it waits for and rings, handles.
//
// Empty elsewhere.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#if defined(_WIN32)

namespace holdfast::detail {

/// What python -c runs: the program itself comes as a packet.
inline constexpr const char *worker_bootstrap =
    "import mmap, sys, types\n"
    "m = sys.modules['holdfast_worker'] = types.ModuleType('holdfast_worker')\n"
    "m.HANDLES = [int(one) for one in sys.argv.pop().split(',')]\n"
    "m.RINGS, m.PACKETS = (r'Local\\holdfast-' + one for one in sys.argv.pop().split(','))\n"
    "f = mmap.mmap(-1, 1 << 17, m.PACKETS)\n"
    "size = int.from_bytes(f[4096:4100], 'little')\n"
    "code = f[4104:4104 + size]\n"
    "exec(compile(code, '<holdfast worker>', 'exec'), m.__dict__)\n"
    "serve = m.__dict__.pop('serve')\n"
    "del m, f, code, mmap, size, types\n"
    "serve()\n";

inline constexpr const char *worker_system = R"python(
import _signal, _struct, _thread, _winapi, faulthandler, mmap, msvcrt, os, sys
from time import sleep
try:
    from _winapi import SetEvent
except ImportError:  # before 3.13
    from _overlapped import SetEvent

NAME = r'Local\holdfast-'
for handle in HANDLES:
    os.set_handle_inheritable(handle, False)
BELL, *BELLS, INTERRUPT_BELL, STACK_BELL = HANDLES[1:]  # BELLS wake the host
# Out of the way: a file that a function opens gets the lowest number that is free, which is then
# never this one, even if the function has closed it.
number = msvcrt.open_osfhandle(HANDLES[0], os.O_WRONLY | os.O_APPEND | os.O_BINARY)
FAULTS = os.dup2(number, 1000, inheritable=False)
os.close(number)
is_x86 = 'AMD64' in sys.version
keeps_mappings = True
FOREVER = 0xFFFFFFFF
PACKET_RING = 256 << 10  # bytes in each direction, which follow the first page
# Its words, in the order of packet_memory_windows.hpp.
SENT, RECEIVED, GIVEN, TAKEN = range(0, 4 * 16, 16)
KEY = 32  # bytes
packet_head = _struct.Struct('<II')


def map_shared(key, size):
    return mmap.mmap(-1, size, NAME + key.decode())


def close_key(_):
    """It is only a name."""


def identity_of(key):
    return key


def new_result(size):
    """Returns (memory, its key)."""
    key = os.urandom(KEY // 2).hex().encode()
    return map_shared(key, size), key


def free_result(_):
    """It ends with the last reference."""


def reuse_result(_):
    """It is mapped."""


def write_result(memory, part, position):
    memory[0][position:position + part.nbytes] = part


class Transport:
    """How messages, memory and bells cross."""

    def open(self):
        self.memory = memoryview(mmap.mmap(-1, ANSWERS + RING, RINGS))
        packets = memoryview(mmap.mmap(-1, 4096 + 2 * PACKET_RING, PACKETS))
        self.packet_words = packets[:4096].cast('I')
        self.requests = packets[4096:4096 + PACKET_RING]
        self.replies = packets[4096 + PACKET_RING:]
        self.received = self.given = 0
        self.sent = []  # memory that the host may not have opened, and where its packet ends
        self.next_packet()  # this program

    def ring_bell(self, bell):
        SetEvent(BELLS[bell - 1])

    def await_bell(self):
        _winapi.WaitForSingleObject(BELL, FOREVER)
        return True  # without the host, this process would have ended

    def send_packet(self, data, memory=None):
        key = memory[1] if memory else b''
        data = packet_head.pack(len(key) + len(data), memory is not None) + key + data
        words = self.packet_words
        while ((self.given - words[TAKEN]) & POSITION) + len(data) > PACKET_RING:
            fence()
            self.ring()
            sleep(0.0001)
        at = self.given % PACKET_RING
        fits = PACKET_RING - at
        self.replies[at:at + len(data)] = data[:fits]
        self.replies[:len(data[fits:])] = data[fits:]
        fence()
        words[GIVEN] = self.given = (self.given + len(data)) & POSITION
        self.forget_sent()
        if memory:
            self.sent.append((self.given, memory))
        self.ring_bell(1)

    def forget_sent(self):
        taken = self.packet_words[TAKEN]
        self.sent = [one for one in self.sent if (taken - one[0]) & POSITION > PACKET_RING]

    def take(self, size):
        at = self.received % PACKET_RING
        data = bytes(self.requests[at:at + size])
        self.received = (self.received + size) & POSITION
        return data + bytes(self.requests[:size - len(data)])

    def next_packet(self):
        """A packet that is there, and the keys that came with it."""
        fence()
        size, keys = packet_head.unpack(self.take(8))
        data = self.take(size)
        self.packet_words[RECEIVED] = self.received
        self.forget_sent()
        return data[KEY * keys:], [data[at:at + KEY] for at in range(0, KEY * keys, KEY)]

    receive_packet = next_packet

    def receive_settings(self):
        while self.packet_words[SENT] == self.received:  # the host sends them soon
            sleep(0.001)
        return self.next_packet()[0]


def write_stack(thread):
    frame = sys._current_frames().get(thread)
    lines = [f'Thread {thread:#x} (most recent call first):']
    while frame is not None and frame.f_code.co_filename != FILE:
        lines.append(f'  File "{frame.f_code.co_filename}", line {frame.f_lineno} in {frame.f_code.co_name}')
        frame = frame.f_back
    os.write(FAULTS, '\n'.join((*lines, '')).encode('utf-8', 'backslashreplace'))


def attend(thread):
    """In place of signals. It runs once the other thread gives the GIL back."""
    while True:
        if _winapi.WaitForMultipleObjects((INTERRUPT_BELL, STACK_BELL), False, FOREVER) == 0:
            _signal.raise_signal(_signal.SIGINT)
            SetEvent(BELL)  # the other thread may wait for it
        else:
            write_stack(thread)


def prepare(worker):
    # A crash must not show a dialogue that waits for somebody.
    msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)
    faulthandler.enable(FAULTS, all_threads=False)
    _signal.signal(_signal.SIGINT, worker.on_interrupt)
    _signal.signal(_signal.SIGBREAK, _signal.SIG_IGN)
    _thread.start_new_thread(attend, (_thread.get_ident(),))
)python";

}  // namespace holdfast::detail

#endif
