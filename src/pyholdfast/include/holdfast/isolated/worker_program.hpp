// holdfast/isolated/worker_program.hpp: the Python program that a worker process runs.
//
// It needs no package of ours, and only built-in modules of CPython, so that it starts fast. It gets
// its descriptors from worker_process.ipp; the layout of the messages is in message.hpp.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

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

inline constexpr const char *worker_program = R"python(
import _io, _pickle, _signal, _socket, _struct, _thread, _weakref, faulthandler, mmap, os, sys
from time import sleep

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
 HOST_SLEEPS) = range(0, 9 * 16, 16)
RING = 128 << 10       # bytes of each ring, which follow the first page
REQUESTS, ANSWERS = 4096, 4096 + RING
POSITION, OFFSET = (1 << 32) - 1, RING - 1
GO_TO_START = POSITION
WANTED, IN_SOCKET = 1, 0x100
ONE = (1).to_bytes(8, sys.byteorder)
FILE = '<holdfast worker>'
loads, dumps = _pickle.loads, _pickle.dumps
head = _struct.Struct('=IIII')
request = _struct.Struct('<IIIIQHH')
answer = _struct.Struct('<IBBHHHQ')
number_of = _struct.Struct('<I')
segment_of = _struct.Struct('<IQB')
# From 3.13 on, a mapping need not keep a descriptor.
MAP_OPTIONS = {'trackfd': False} if sys.version_info >= (3, 13) else {}
READY, RESULT, RAISED, INTERRUPTED, NO_MEMORY, NOT_STARTED = range(6)


class Interrupted(BaseException):
    """The call is near its limit."""


Interrupted.__module__ = 'holdfast'


# What the host writes: helpers to build arguments with.

def make(cls, fields):
    return cls(**fields)

def member(cls, name):
    return cls[name]

def flag(cls, value):
    return cls(value)

def as_array(code, shape, buffer):
    import numpy
    if len(buffer) == 0:
        return numpy.zeros(shape, code)
    return numpy.frombuffer(buffer, code).reshape(shape)

def as_path(data):
    import pathlib
    return pathlib.Path(os.fsdecode(data))

def as_uuid(data):
    import uuid
    return uuid.UUID(bytes=data)

def zone(offset):
    import datetime
    if not offset:
        return None if offset is None else datetime.timezone.utc
    return datetime.timezone(datetime.timedelta(microseconds=offset))

def as_date(*day):
    import datetime
    return datetime.date(*day)

def as_time(hour, minute, second, micro, offset, fold):
    import datetime
    return datetime.time(hour, minute, second, micro, zone(offset), fold=fold)

def as_datetime(year, month, day, hour, minute, second, micro, offset, fold):
    import datetime
    return datetime.datetime(year, month, day, hour, minute, second, micro, zone(offset), fold=fold)

def as_timedelta(micro):
    import datetime
    return datetime.timedelta(microseconds=micro)


# What the host reads: plain values, and these tags with plain values. They are never called.

def same(value): pass
def keys(*items): pass
def record(names, fields): pass
def enum(names, name, value, is_plain): pass
def date(*fields): pass
def time(*fields): pass
def datetime(*fields): pass
def timedelta(micro): pass
def path(data): pass
def uuid(data): pass
def decimal(text): pass
def complex_(real, imag): pass
def array(name, format, size, shape, data): pass
def other(name): pass

complex_.__name__ = complex_.__qualname__ = 'complex'
globals()['complex'] = complex_
TAGS = frozenset((same, keys, record, enum, date, time, datetime, timedelta, path, uuid, decimal,
                  complex_, array, other))
FUNCTION = type(same)
PLAIN = (bool, int, float, str, bytes, list, tuple, dict, set, frozenset)


# Not by getattr(), which a metaclass may replace.
qualname_of = type.__dict__['__qualname__'].__get__
module_of = type.__dict__['__module__'].__get__


def name_of(cls):
    try:
        module = module_of(cls)
    except AttributeError:
        module = ''
    name = qualname_of(cls)
    return name if module in ('builtins', '', None) else f'{module}.{name}'


def micros(delta):
    return None if delta is None else (delta.days * 86400 + delta.seconds) * 1000000 + delta.microseconds


def clock(value):
    return (value.hour, value.minute, value.second, value.microsecond, micros(value.utcoffset()),
            value.fold)


def loaded(module, name):
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else ()


def of_buffer(value, cls):
    view = memoryview(value)
    shape = view.shape
    data = view.cast('B') if view.c_contiguous and view.nbytes else memoryview(view.tobytes())
    data = _pickle.PickleBuffer(data) if data.nbytes >= INLINE else data.tobytes()
    return array, (name_of(cls), view.format, view.itemsize, shape, data)


class Plain(_pickle.Pickler):
    """Writes values that are not of a plain type as a tag with plain values."""

    def reducer_override(self, value):
        cls = type(value)
        if cls is FUNCTION and value in TAGS:
            return NotImplemented
        if isinstance(value, loaded('enum', 'Enum')):
            plain = value._value_ if isinstance(value._value_, PLAIN) else None
            return enum, (tuple(map(name_of, cls.__mro__)), value._name_, plain,
                          isinstance(value, (int, str)))
        if hasattr(cls, '__dataclass_fields__'):
            fields = {name: getattr(value, name) for name in cls.__dataclass_fields__
                      if hasattr(value, name)}
            return record, (tuple(map(name_of, cls.__mro__)), fields)
        for base in PLAIN:
            if isinstance(value, base):
                return same, (base(value) if base is not str else str.__str__(value),)
        if isinstance(value, loaded('datetime', 'datetime')):
            return datetime, (value.year, value.month, value.day, *clock(value))
        if isinstance(value, loaded('datetime', 'date')):
            return date, (value.year, value.month, value.day)
        if isinstance(value, loaded('datetime', 'time')):
            return time, clock(value)
        if isinstance(value, loaded('datetime', 'timedelta')):
            return timedelta, (micros(value),)
        if isinstance(value, loaded('uuid', 'UUID')):
            return uuid, (value.bytes,)
        if isinstance(value, loaded('decimal', 'Decimal')):
            return decimal, (str(value),)
        return self.by_protocol(value, cls)

    def by_protocol(self, value, cls):
        kind = getattr(getattr(value, 'dtype', None), 'kind', '')
        is_scalar = not hasattr(cls, '__len__')
        if is_scalar and kind == 'b':
            return same, (bool(value),)
        if is_scalar and hasattr(cls, '__index__'):
            return same, (value.__index__(),)
        if isinstance(value, COMPLEX) or (is_scalar and kind == 'c'):
            value = COMPLEX(value)
            return complex_, (value.real, value.imag)
        if is_scalar and hasattr(cls, '__float__'):
            return same, (float(value),)
        if hasattr(cls, '__fspath__'):
            return path, (os.fsencode(value),)
        try:
            return of_buffer(value, cls)
        except (TypeError, BufferError):
            pass
        if hasattr(cls, 'keys') and hasattr(cls, 'items') and hasattr(cls, '__getitem__'):
            return same, (dict(value.items()),)
        if hasattr(cls, '__iter__'):
            return (keys, tuple(value)) if cls is type({}.keys()) else (same, (list(value),))
        return other, (name_of(cls),)


COMPLEX = type(0j)
SCALARS = frozenset((type(None), bool, int, float, str))


def encode(value):
    if type(value) in SCALARS:
        return dumps(value, 5), ()
    buffers = []
    if type(value) is bytes and len(value) >= INLINE:
        return b'\x80\x05\x97.', (memoryview(value),)
    out = _io.BytesIO()
    pickler = Plain(out, 5, buffer_callback=buffers.append)
    pickler.fast = True
    pickler.dump(value)
    return out.getvalue(), [buffer.raw() for buffer in buffers]


class Worker:
    current = None  # the number of the request that runs
    forked = False

    def __init__(self):
        self.socket = _socket.socket(fileno=SOCKET)
        self.memory = memoryview(mmap.mmap(MEMORY, ANSWERS + RING))
        self.words = self.memory[:4096].cast('I')
        self.answer_end = 0
        self.functions = {}
        self.mapped = {}      # segments in use: their number and a weak reference
        self.released = []    # and those that are no longer
        self.results = []     # shared memory for results: (descriptor, size, the answer it was for)
        self.answers = 0      # sent with shared memory
        self.read = 0         # of those, the host has read
        self.spare = bytearray(1 << 20)  # memory for the report that there is none

    def on_interrupt(self, number, frame):
        if self.words[INTERRUPT] == self.current:
            raise Interrupted('the call is near its limit')

    def after_fork(self):
        self.forked = True
        self.socket.close()

    def find(self, module, name):
        found = __import__(module)
        found = sys.modules[module]
        for part in name.split('.'):
            found = getattr(found, part)
        if not callable(found):
            raise TypeError(f"'{module}.{name}' is not callable: {type(found).__name__}")
        self.functions[module, name] = found
        return found

    def map(self, number, size, fixed, descriptor):
        try:
            mapped = mmap.mmap(descriptor, size, **MAP_OPTIONS)
        finally:
            os.close(descriptor)
        def drop(_):
            if self.mapped.pop(number, None) is not None:
                self.released.append(number)
        self.mapped[number] = _weakref.ref(mapped, drop)
        view = memoryview(mapped)
        return view.toreadonly() if fixed else view

    def result_memory(self, size):
        for index, (descriptor, _, used) in enumerate(self.results):
            if used <= self.read:
                del self.results[index]
                return descriptor
        return os.memfd_create('holdfast-result')

    def send(self, number, kind, pickled, buffers):
        released = self.released[:4000]
        del self.released[:4000]
        freed = b''.join(map(number_of.pack, released))
        if not buffers and len(pickled) < INLINE:
            begin = answer.pack(number, kind, 0, 0, len(released), 0, len(pickled))
            self.socket.send(begin + freed + pickled)
            return
        sizes = [buffer.nbytes for buffer in buffers]
        descriptor = self.result_memory(len(pickled) + sum(sizes))
        position = 0
        for part in (pickled, *buffers):
            part = memoryview(part)
            while part.nbytes:
                done = os.pwrite(descriptor, part, position)
                position += done
                part = part[done:]
        self.answers += 1
        begin = answer.pack(number, kind, 1, len(sizes), len(released), 0, len(pickled))
        lengths = _struct.pack(f'<{len(sizes)}Q', *sizes)
        self.socket.sendmsg([begin, lengths, freed], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS,
                                                       _struct.pack('<i', descriptor))])
        if position > 1 << 26 or len(self.results) >= 4:
            os.close(descriptor)
        else:
            self.results.append((descriptor, position, self.answers))

    def make_room(self, size):
        """Where the next answer goes: in one piece, and not before the host has read what is there."""
        end, words = self.answer_end, self.words
        left = RING - (end & OFFSET)
        skipped = left if size > left else 0
        while ((end - words[ANSWER_BEGIN]) & POSITION) + skipped + size > RING:
            fence()
            self.ring()
            sleep(0.0001)
        if skipped:
            at = ANSWERS + (end & OFFSET)
            self.memory[at:at + 16] = head.pack(GO_TO_START, 0, 0, 0)
        return (end + skipped) & POSITION

    def ring(self):
        bell = self.words[HOST_SLEEPS]
        if bell:
            self.words[HOST_SLEEPS] = 0
            try:
                os.write(BELL + bell, ONE)
            except OSError:  # a function has closed it
                os._exit(1)

    def run(self, number, wanted, data, large=0, segments=()):
        try:
            self.current = number
            try:
                buffers = [self.map(*segment) for segment in segments]
                if large:
                    data = buffers.pop(0)[:large]
                module, name, args, kwargs = loads(data, buffers=buffers)
                function = self.functions.get((module, name)) or self.find(module, name)
                result = function(*args, **kwargs) if kwargs else function(*args)
                return RESULT, *self.encode(result if wanted else None)
            finally:
                self.current = None
                buffers = data = args = kwargs = result = None
        except BaseException as problem:
            return self.describe(problem)

    def encode(self, result):
        if self.forked:
            os._exit(0)
        pickled, parts = encode(result)
        if len(pickled) + sum(part.nbytes for part in parts) > self.most:
            raise ValueError(f'the result has more bytes than result_limit: {self.most}')
        return pickled, parts

    def describe(self, problem):
        if self.forked:
            os._exit(1)
        kind = RAISED
        if isinstance(problem, Interrupted):
            kind = INTERRUPTED
        elif isinstance(problem, MemoryError) and self.limited:
            kind, self.spare = NO_MEMORY, None
        trace = problem.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == FILE:
            trace = trace.tb_next
        name = name_of(type(problem))
        try:
            message = str(problem)
        except BaseException:
            message = '<exception str() failed>'
        try:
            import traceback
            text = ''.join(traceback.format_exception(type(problem), problem, trace))
        except BaseException as other:
            text = f'{name}: {message}\n(no traceback: {name_of(type(other))})\n'
        code = -1
        if isinstance(problem, SystemExit):
            code = problem.code if isinstance(problem.code, int) else int(problem.code is not None)
            code = code if -(1 << 31) <= code < 1 << 31 else -1
        most = max(4000, self.most // 16)  # characters: together less than the host accepts
        return kind, dumps((clean(name[:most]), clean(shortened(message, most)),
                            clean(shortened(text, most)), code), 5), ()

    def loop(self):
        words, memory, functions = self.words, self.memory, self.functions
        acquire, release = lock.acquire, lock.release
        unpack, pack = head.unpack_from, head.pack
        most = min(self.most, IN_RING)
        position = begun = 0
        while True:
            running = (begun + 1) & POSITION
            words[RUNNING] = running
            acquire()  # a full fence, for the last answer too: see fence()
            release()
            if not is_x86:
                fence()
            if words[HOST_SLEEPS] and words[ANSWER_BEGIN] != words[ANSWER_END]:
                self.ring()
            if not 0 < ((words[REQUEST_END] - position) & POSITION) <= RING:
                words[RUNNING] = begun
                if not self.wait(position):
                    return
                continue
            if not is_x86:
                fence()
            at = REQUESTS + (position & OFFSET)
            length, flags, _, _ = unpack(memory, at)
            if length == GO_TO_START:
                position = ((position | OFFSET) + 1) & POSITION
                continue
            begun = running
            parts = ()
            if flags == WANTED:  # run() in place, as far as it is needed for most calls
                try:
                    self.current = begun
                    try:
                        module, name, args, kwargs = loads(memory[at + 16:at + 16 + length])
                        function = functions.get((module, name)) or self.find(module, name)
                        result = function(*args, **kwargs) if kwargs else function(*args)
                        kind = RESULT
                        pickled = None
                        if type(result) in SCALARS and not self.forked:
                            pickled = dumps(result, 5)
                        if pickled is None or len(pickled) > most:
                            pickled, parts = self.encode(result)
                    finally:
                        self.current = args = kwargs = result = None
                except BaseException as problem:
                    kind, pickled, parts = self.describe(problem)
            elif flags & IN_SOCKET:
                kind, pickled, parts = self.run(begun, *self.receive())
            else:
                kind, pickled, parts = self.run(begun, flags, memory[at + 16:at + 16 + length])
            words[REQUEST_BEGIN] = position = (position + ((length + 31) & ~15)) & POSITION
            size = len(pickled)
            if parts or self.released or size > IN_RING:
                self.send(begun, kind, pickled, parts)
                kind, pickled, size = IN_SOCKET, b'', 0
            end = self.answer_end
            at = end & OFFSET
            if at > RING - IN_RING - 32 or (end - words[ANSWER_BEGIN]) & POSITION > RING >> 1:
                end = self.make_room((size + 31) & ~15)
                at = end & OFFSET
            at += ANSWERS
            memory[at:at + 16 + size] = pack(size, kind, begun, 0) + pickled
            if not is_x86:
                fence()
            words[ANSWER_END] = self.answer_end = (end + ((size + 31) & ~15)) & POSITION
            pickled = parts = None

    def wait(self, position):
        words = self.words
        words[WORKER_SLEEPS] = 1
        fence()
        if not 0 < ((words[REQUEST_END] - position) & POSITION) <= RING:
            try:
                if words[CLOSING] or not os.read(BELL, 8):
                    return False
            except OSError:  # a function has closed it
                os._exit(1)
        words[WORKER_SLEEPS] = 0
        return True

    def receive(self):
        room = bytearray(INLINE + 8192)
        _, passed, _, _ = self.socket.recvmsg_into([room], _socket.CMSG_SPACE(4 * 253))
        _, wanted, self.read, inline, large, count, _ = request.unpack_from(room)
        position = request.size
        data = memoryview(room)[position + 13 * count:position + 13 * count + inline]
        segments = ()
        if passed:
            found = _struct.unpack(f'<{len(passed[0][2]) // 4}i', passed[0][2])
            segments = [(*segment_of.unpack_from(room, position + 13 * index), descriptor)
                        for index, descriptor in enumerate(found)]
        return wanted, data, large, segments


lock = _thread.allocate_lock()
is_x86 = os.uname().machine in ('x86_64', 'i686', 'i386')


def fence():
    """A full fence: there, the atomic operations of one lock are; elsewhere, those of two."""
    for _ in range(1 if is_x86 else 2):
        lock.acquire()
        lock.release()


def shortened(text, most):
    return text if len(text) <= most else f'{text[:most]}... ({len(text)} characters)'


def clean(text):
    return text.encode('utf-8', 'backslashreplace').decode()


def serve():
    worker = Worker()
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
    paths, preload, worker.limited, worker.most = loads(memoryview(room)[:size])
    room = None
    sys.path[:0] = map(os.fsdecode, paths)
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

}  // namespace holdfast::detail
