// holdfast/isolated/worker_memory.hpp: the part of a worker's program that has the shared memory of
// arguments and results.
//
// Mappings are kept. A page that is mapped for the first time costs about half as much as a copy of
// it, and more if it is written to.
//
// Arguments. A segment (segment.hpp) is the host's again when the last view of it has gone; that is
// when a ctypes array over the mapping dies, which all the views refer to. The host then may write to
// it, or free it: its pages go when the last mapping does, so few are kept.
//
// Results. A file (result_memory.hpp) is written to by pwrite() once, which gives it all its pages, and
// later through a mapping. It is written to only if the host's word has the number of its last use. A
// load of that word decides whether the stores follow, and no processor makes a store visible before
// it has decided. The answer follows through the socket, whose lock orders it after the stores.
//
// Threads: all methods run on one thread at a time, which runs a request or has `saying`. Any thread may
// drop the last view of a segment, anywhere. That only adds to `gone`, and runs no bytecode: a signal's
// handler that raises there would be lost, and the segment with it.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

namespace holdfast::detail {

inline constexpr const char *worker_memory = R"python(
in_place = {}  # such types by their size


def bytes_in_place(size):
    """A type whose objects are views of memory that one can have weak references to; None: this Python
    has no ctypes."""
    found = in_place.get(size)
    if found is None:
        byte = in_place.get('byte')
        if byte is None:
            try:
                from _ctypes import _SimpleCData
            except ImportError:
                return None
            byte = type('byte', (_SimpleCData,), {'_type_': 'B'})
        if len(in_place) > MOST_TYPES:  # only the garbage collector frees them
            in_place.clear()
        in_place['byte'] = byte
        found = in_place[size] = byte * size
    return found


class Segment(_weakref.ref):
    """Of the object that all views of the segment refer to."""
    __slots__ = ('number', 'mapping')  # None: it is not kept


class Memory(Transport):
    def __init__(self):
        self.open()
        self.words = self.memory[:4096].cast('I')
        self.mapped = {}      # segments in use, by number
        self.gone = []        # and those whose last view has gone since
        self.released = []    # the numbers of those to give back
        self.kept = {}        # of those, by number: the mapping, its type and its identity
        self.results = []     # shared memory for results: [itself, bytes, how often used]

    def map(self, number, size, fixed, key):
        """A view of a segment. The last one that goes gives the segment back, and keeps its mapping."""
        try:
            identity = identity_of(key)
            segment = self.kept.pop(number, None)
            if segment is None or segment[2] != identity or len(segment[0]) < size:
                mapping = map_shared(key, size)
                segment = mapping, bytes_in_place(len(mapping)), identity
        finally:
            close_key(key)
        mapping, kind, _ = segment
        if kind is None:
            whole, segment = mapping, None
        else:
            whole = kind.from_buffer(mapping)
        used = self.mapped[number] = Segment(whole, self.gone.append)
        used.number, used.mapping = number, segment if MOST_MAPPINGS else None
        view = _pickle.PickleBuffer(whole).raw()[:size]
        return view.toreadonly() if fixed else view

    def map_all(self, segments):
        """Views of them all. If one cannot be mapped, those without a view are given back.
        No signal may interrupt it: between two segments, neither would close the next one's key."""
        views = []
        try:
            for segment in segments:
                if segment[3] is None:
                    raise OSError(24, os.strerror(24))  # EMFILE
                views.append(self.map(*segment))
        except BaseException:
            for index, (number, _, _, key) in enumerate(segments):
                if index > len(views) and key is not None:  # map() has closed that of the one that failed
                    close_key(key)
                if index >= len(views) and number not in self.mapped:
                    self.released.append(number)
            raise
        return views

    def take_back(self):
        """What is gone is to be given back. No signal may interrupt it."""
        while self.gone:
            segment = self.gone.pop()
            if self.mapped.pop(segment.number, None) is not None:
                if segment.mapping is not None:
                    self.kept[segment.number] = segment.mapping
                self.released.append(segment.number)

    def trim(self):
        """A kept mapping keeps memory that the host may have freed. Drops those used least recently,
        and those that do not fit beside the ones used after them."""
        left, least = MOST_MAPPED, len(self.kept) - MOST_MAPPINGS
        for index, number in reversed([*enumerate(list(self.kept))]):
            size = len(self.kept[number][0])
            if size > left or index < least:
                del self.kept[number]
            else:
                left -= size

    def result_memory(self, size):
        """Memory that the host does not read now: its number from 1, itself and this use.
        One that is not kept has a number beyond the others'."""
        if size <= MOST_KEPT:
            for index, one in enumerate(self.results):
                if self.words[RESULT_READ[index]] == one[2]:
                    if one[1] < size:  # the host has mapped it as it is
                        larger = new_result(size)  # it may fail: then the other one stays
                        free_result(one[0])
                        one[:2] = larger, size
                    else:
                        reuse_result(one[0])
                    one[2] = one[2] % 65535 + 1
                    return index + 1, one[0], one[2]
            if len(self.results) < len(RESULT_READ):
                self.results.append([new_result(size), size, 1])
                return len(self.results), self.results[-1][0], 1
        return len(RESULT_READ) + 1, new_result(size), 0

    def take_back_result(self, file):
        """Of a use that the host does not get to know. So the host's word has that of the last one. The
        file's size counts as 0, because it may not have been written whole: another takes its place."""
        self.results[file - 1][1:] = 0, self.words[RESULT_READ[file - 1]]
)python";

}  // namespace holdfast::detail
