// holdfast/watch/own_gil.hpp: which interpreters have a GIL of their own, for reports and pictures.
//
// "At most one thread runs" is true of each GIL. An interpreter counts as a user of the main one's
// until it is known to have its own.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/process/shared_records.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/thread_track.hpp>

namespace holdfast::detail {

/// Whether CPython says that the caller's interpreter, which other code made, has its own GIL.
/// Attached to it. False: it shares the main one's, or CPython does not say.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline bool is_gil_own() noexcept {
#if HOLDFAST_SAYS_WHOSE_GIL
    PyObject *const module = PyImport_ImportModule("_interpreters");
    PyObject *const config =
        module != nullptr
            ? PyObject_CallMethod(
                  module, "get_config", "L",
                  static_cast<long long>(PyInterpreterState_GetID(PyInterpreterState_Get())))
            : nullptr;
    PyObject *const gil = config != nullptr ? PyObject_GetAttrString(config, "gil") : nullptr;
    const char *const text =
        gil != nullptr && PyUnicode_Check(gil) != 0 ? PyUnicode_AsUTF8(gil) : nullptr;
    const bool own = text != nullptr && std::string(text) == "own";
    Py_XDECREF(gil);
    Py_XDECREF(config);
    Py_XDECREF(module);
    PyErr_Clear();
    return own;
#elif HOLDFAST_HAS_OWN_GIL
    // A GIL of its own requires an allocator of its own. The converse is true of every interpreter
    // but one whose creator chose this pair himself.
    return _PyInterpreterState_HasFeature(PyInterpreterState_Get(), Py_RTFLAGS_USE_MAIN_OBMALLOC) ==
           0;
#else
    return false;
#endif
}

inline constexpr std::uint64_t most_with_own_gil =
    64 * (sizeof trace_header::with_own_gil / sizeof(std::uint64_t));

/// Tells readers of the file about an interpreter that is registered.
HOLDFAST_DETAIL_RARE inline void trace_own_gil(recorder &file,
                                               const interpreter_record &record) noexcept {
    const std::uint64_t number = record.generation.load(std::memory_order_acquire);
    if (record.own_gil.load() && number < most_with_own_gil)
        file.header().with_own_gil[number / 64].fetch_or(std::uint64_t{1} << number % 64,
                                                         std::memory_order_relaxed);
}

/// For an interpreter that was just registered. begin_tracing() does the same in the other order,
/// so one of the two sees both.
HOLDFAST_DETAIL_RARE inline void note_own_gil(interpreter_record &record) noexcept {
    record.own_gil.store(true);
    if (recorder *const file = process().record_file.load())
        trace_own_gil(*file, record);
}

/// The number of the GIL that an interpreter uses; 0 is the main interpreter's.
inline std::uint32_t gil_of(const trace_header &header, std::uint32_t interpreter) noexcept {
    const bool own = interpreter < most_with_own_gil &&
                     ((header.with_own_gil[interpreter / 64].load(std::memory_order_relaxed) >>
                       interpreter % 64) &
                      1) != 0;
    return own ? interpreter : 0;
}

}  // namespace holdfast::detail
