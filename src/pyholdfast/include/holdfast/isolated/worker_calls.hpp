// holdfast/isolated/worker_calls.hpp: the part of a worker's program that takes requests, makes the
// calls and sends the answers.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

namespace holdfast::detail {

inline constexpr const char *worker_calls = R"python(
class Worker(Memory):
    current = None  # the number of the request that runs
    forked = False

    def __init__(self):
        super().__init__()
        self.answer_end, self.own = 0, _thread.get_ident()  # handlers of signals run on that thread
        self.functions = {}
        self.chunks = self.calls = 0  # of the request that runs: sent to the host
        self.saying = _thread.allocate_lock()  # who has it may send something before the answer
        self.is_busy = self.was_interrupted = False
        self.spare = bytes(1 << 20)  # for the report that there is no memory; its pages are not used

    def on_interrupt(self, number, frame):
        if self.words[INTERRUPT] != self.current:
            return
        if self.is_busy:  # half a message would confuse the host, half a mapping would never end
            self.was_interrupted = True
        else:
            raise Interrupted('the call is near its limit')

    def after_fork(self):
        self.forked = True
        self.saying = _thread.allocate_lock()  # a thread that is not here may have had it
        self.close()

    def find(self, module, name):
        found = __import__(module)
        found = sys.modules[module]
        for part in name.split('.'):
            found = getattr(found, part)
        if not callable(found):
            raise TypeError(f"'{module}.{name}' is not callable: {type(found).__name__}")
        self.functions[module, name] = found
        return found

    def send(self, number, kind, pickled, buffers):
        """Empties `buffers`: a segment that it is the last to use is given back with this answer."""
        file, use, size, lengths, memory = 0, 0, len(pickled), b'', None
        if buffers or size >= INLINE:
            sizes = [buffer.nbytes for buffer in buffers]
            lengths = _struct.pack(f'<{len(sizes)}Q', *sizes)
            end, places = size, [0]
            for each in sizes:
                places.append((end + 63) & ~63)
                end = places[-1] + each
            file, memory, use = self.result_memory(end)
        try:
            if memory is not None:
                parts, pickled = [memoryview(pickled), *buffers], b''
                if buffers:
                    buffers.clear()
                while parts:
                    write_result(memory, parts.pop(), places.pop())
            self.take_back()
            released = self.released[:4000]
            if released:
                self.trim()
            begin = answer.pack(number, kind, file, len(lengths) // 8, len(released), use, size)
            self.send_packet(begin + lengths + b''.join(map(number_of.pack, released)) + pickled, memory)
        except BaseException:
            if 0 < file <= len(RESULT_READ):
                self.take_back_result(file)
            raise
        finally:
            if file > len(RESULT_READ):
                free_result(memory)
        del self.released[:len(released)]

    def send_or_fail(self, number, kind, pickled, buffers):
        """Sends the last answer to a request. Where the system has no memory or no descriptor for it, the
        request fails. Returns what is to go into the ring."""
        try:
            self.send(number, kind, pickled, buffers)
            return IN_SOCKET, b''
        except OSError as problem:
            if problem.errno not in NO_ROOM:
                raise
            kind, pickled, _ = self.describe(problem)
        if self.gone or self.released:
            self.send(number, kind, pickled, ())
            return IN_SOCKET, b''
        return kind, pickled

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
            self.ring_bell(bell)

    def unread(self):
        words = self.words
        return self.chunks - (words[HEARD] if words[HEARD_FOR] == self.current else 0)

    def is_ahead(self):
        return self.unread() > CHUNKS_AHEAD and self.words[STOP] != self.current

    def in_call(self):
        words = self.words
        returned = words[VERDICT] >> 2 if words[HEARD_FOR] == self.current else 0
        return (self.calls - returned) & (POSITION >> 2)

    def say(self, kind, value, must_wait):
        """Sends something before the answer, and waits while must_wait() is true."""
        number, words, kind_said = self.current, self.words, kind
        pickled, parts = self.encode(value)
        length = len(pickled)
        is_own = _thread.get_ident() == self.own  # another thread is not interrupted
        if is_own:
            self.is_busy = True
        try:
            if parts or self.gone or self.released or length > IN_RING:
                self.send(number, kind, pickled, parts)
                kind, pickled = IN_SOCKET, b''
            size = (len(pickled) + 31) & ~15
            end = self.make_room(size)
            at = ANSWERS + (end & OFFSET)
            self.memory[at:at + 16 + len(pickled)] = head.pack(len(pickled), kind, number, 0) + pickled
            fence()
            words[ANSWER_END] = self.answer_end = (end + size) & POSITION
            if kind_said == CHUNK:
                self.chunks += 1
            else:
                self.calls += 1
            fence()
            self.ring()
        finally:
            if is_own:
                self.is_busy = False
        while True:
            if is_own and self.was_interrupted:
                self.was_interrupted = False
                raise Interrupted('the call is near its limit')
            if not must_wait():
                return length
            words[WORKER_SLEEPS] = 1
            fence()
            try:
                if must_wait() and not self.await_bell():
                    os._exit(1)
            finally:
                words[WORKER_SLEEPS] = 0

    def stream(self, number, values):
        """Sends the values in chunks: one by one while the host waits for them or they come slowly,
        else many at once. So what the limit applies to is not many values."""
        chunk, most, sent = [], 1, monotonic()
        try:
            for value in values:
                chunk.append(value)
                if len(chunk) >= most or not self.unread() or monotonic() - sent > LONGEST_CHUNK:
                    ready, chunk = chunk, []
                    with self.saying:
                        length = self.say(CHUNK, ready, self.is_ahead)
                    most = min(2 * most, MOST_IN_CHUNK) if length < INLINE else (most + 1) // 2
                    sent = monotonic()
                if self.words[STOP] == number:
                    return
        finally:
            if chunk:
                with self.saying:
                    self.say(CHUNK, chunk, self.is_ahead)

    def call_host(self, number, index, args):
        with self.saying:
            if number != self.current:
                raise RuntimeError('the call that got this function has ended')
            self.say(CALLED, (index, args), self.in_call)
            verdict = self.words[VERDICT] & 3
        if verdict > 1:
            raise RuntimeError('the function of the host has failed')
        return bool(verdict)

    def leave_call(self):
        """Waits for a thread of the call that says something. An interrupt must not end that wait: the
        thread would go on saying it beside the answer, and take the bell for the next request."""
        self.is_busy = True
        with self.saying:
            self.current = None
        self.is_busy = False

    def run(self, number, wanted, data, large=0, segments=()):
        try:
            self.is_busy, self.was_interrupted = True, False  # before `current`: then it may be interrupted
            self.current = number
            self.chunks = self.calls = 0
            try:
                try:
                    buffers = self.map_all(segments)
                finally:
                    self.is_busy = False
                if self.was_interrupted:
                    raise Interrupted('the call is near its limit')
                if large:
                    data = buffers.pop(0)[:large]
                module, name, args, kwargs = loads(data, buffers=buffers)
                function = self.functions.get((module, name)) or self.find(module, name)
                result = function(*args, **kwargs) if kwargs else function(*args)
                if wanted & STREAMED:
                    result = self.stream(number, result)
                return RESULT, *self.encode(result if wanted & WANTED else None)
            finally:
                self.leave_call()
                buffers = data = args = kwargs = result = None
        except BaseException as problem:
            self.leave_call()  # an interrupt may have come as it began
            return self.describe(problem)

    def encode(self, result):
        if self.forked:
            os._exit(0)
        pickled, parts = encode(result)
        if len(pickled) + sum(part.nbytes for part in parts) > self.most:
            raise ValueError(f'the result has more bytes than result_limit: {self.most}')
        if len(parts) > MOST_PARTS:
            raise ValueError(f'the result has more than {MOST_PARTS} large arrays or bytes')
        return pickled, parts

    def describe(self, problem):
        if self.forked:
            os._exit(1)
        self.was_interrupted = False  # it was for this call, which something else has ended first
        cls = type(problem)  # not isinstance(), nor an attribute: both can run code of the exception
        kind = RAISED
        if issubclass(cls, Interrupted):
            kind = INTERRUPTED
        elif issubclass(cls, MemoryError) and self.limited:
            kind, self.spare = NO_MEMORY, None
        trace = traceback_of(problem)
        while trace is not None and trace.tb_frame.f_code.co_filename == FILE:
            trace = trace.tb_next
        name = name_of(cls)
        try:
            message = str.__str__(str(problem))
        except BaseException:
            message = '<exception str() failed>'
        try:
            import traceback
            text = ''.join(traceback.format_exception(cls, problem, trace))
        except BaseException as other:
            text = f'{name}: {message}\n(no traceback: {name_of(type(other))})\n'
        code = -1
        if issubclass(cls, SystemExit):
            code = code_of(problem)
            code = int.__index__(code) if issubclass(type(code), int) else int(code is not None)
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
            if parts or self.gone or self.released or size > IN_RING:
                kind, pickled = self.send_or_fail(begun, kind, pickled, parts)
                size = len(pickled)
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
            if words[CLOSING] or not self.await_bell():
                return False
        words[WORKER_SLEEPS] = 0
        return True

    def receive(self):
        room, keys = self.receive_packet()
        _, wanted, inline, large, count, _ = request.unpack_from(room)
        position = request.size
        data = memoryview(room)[position + 13 * count:position + 13 * count + inline]
        keys = [*keys, *[None] * (count - len(keys))]  # for which there were no descriptors
        segments = [(*segment_of.unpack_from(room, position + 13 * index), key)
                    for index, key in enumerate(keys)]
        return wanted, data, large, segments
)python";

}  // namespace holdfast::detail
