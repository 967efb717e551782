// holdfast/pools/worker_name.hpp: names a pool's threads, for top, gdb, py-spy and logging.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/objects/object.hpp>

namespace holdfast::detail {

/// Sets the calling thread's system name to "base-number", shortened in the middle.
HOLDFAST_DETAIL_COLD inline void name_this_thread(const std::string &base,
                                                  std::size_t number) noexcept {
    constexpr int most = 15;  // what Linux keeps; the same everywhere
    char end[24];
    const int digits = std::snprintf(end, sizeof end, "-%zu", number);
    char name[most + sizeof end];
    std::snprintf(name, sizeof name, "%.*s%s", std::max(0, most - digits), base.c_str(), end);
    name[most] = '\0';
    set_thread_name(name);
}

/// Gives the calling thread the same name in `threading`, if that module is loaded.
/// \return false if it is not loaded: try again at a later attach.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool name_python_thread(
    const std::string &base, std::size_t number) noexcept {
    const saved_error aside;
    const owned module(loaded_module("threading"));
    if (!module)
        return false;
    const owned thread(PyObject_CallMethod(module.get(), "current_thread", nullptr));
    const owned name(PyUnicode_FromFormat("%s-%zu", base.c_str(), number));
    if (thread && name)
        PyObject_SetAttrString(thread.get(), "name", name.get());
    PyErr_Clear();
    // Since 3.14 `threading` has just set its own system name, cut at the end
    name_this_thread(base, number);
    return true;
}

}  // namespace holdfast::detail
