// holdfast/isolated/worker_values.hpp: the part of a worker's program that builds and writes values.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

namespace holdfast::detail {

inline constexpr const char *worker_values = R"python(
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
    try:
        import numpy
    except ModuleNotFoundError as missing:
        if missing.name != 'numpy':
            raise
        raise ModuleNotFoundError(
            f'an array_view becomes a numpy array, and {sys.executable} has no numpy: '
            'install it there, or pass a memory_view', name='numpy') from None
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

def as_callback(index, arguments, answers):
    worker = Worker.only
    number = worker.current
    def callback(*args):
        if len(args) != arguments:
            raise TypeError(f'the function of the host takes {arguments} arguments, not {len(args)}')
        answer = worker.call_host(number, index, args)
        return answer if answers else None
    return callback

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
traceback_of = BaseException.__dict__['__traceback__'].__get__
code_of = SystemExit.__dict__['code'].__get__


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
            return decimal, (loaded('decimal', 'Decimal').__str__(value),)
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
        return b'\x80\x05\x97.', [memoryview(value)]
    out = _io.BytesIO()
    pickler = Plain(out, 5, buffer_callback=buffers.append)
    pickler.fast = True
    pickler.dump(value)
    return out.getvalue(), [buffer.raw() for buffer in buffers]
)python";

}  // namespace holdfast::detail
