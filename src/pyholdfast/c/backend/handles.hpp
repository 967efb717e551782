// c/backend/handles.hpp: what the handles of objects and functions are.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include <holdfast/convert/value_path.hpp>
#include <holdfast/objects/object.hpp>

#include "../table.hpp"
#include "results.hpp"

/// Counts its owners, so that hf_object_keep() needs neither memory nor an attached thread.
struct hf_object {
    explicit hf_object(holdfast::object its_object) noexcept : object(std::move(its_object)) {}

    const holdfast::object object;
    std::atomic<std::size_t> owners{1};
};

/// A function that was looked up. Tasks of an executor are owners, too.
struct hf_function {
    hf_function(holdfast::object its_callable, std::string its_module, std::string its_name)
        : callable(std::move(its_callable)),
          pointer(callable.get()),
          view(callable.view()),
          module(std::move(its_module)),
          name(std::move(its_name)) {}
    hf_function(const hf_function &) = delete;
    hf_function &operator=(const hf_function &) = delete;

    const holdfast::object callable;
    PyObject *const pointer;  // of `callable`; use it only while attached to `view`
    const holdfast::interpreter_view view;
    const std::string module, name;  // an empty name: ask the callable for it
    const holdfast::detail::callee call{"", module.c_str(), name.empty() ? nullptr : name.c_str(),
                                        "()"};
    std::atomic<std::size_t> owners{1};
};

namespace holdfast::c {

template <class Handle>
Handle *keep(Handle *handle) noexcept {
    if (handle != nullptr)
        handle->owners.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

template <class Handle>
void drop(Handle *handle) noexcept {
    if (handle == nullptr || handle->owners.fetch_sub(1, std::memory_order_acq_rel) != 1)
        return;
    take_note(handle);
    delete handle;
}

/// One owner of a handle, for a scope.
template <class Handle>
class kept {
public:
    explicit kept(Handle *handle) noexcept : handle_(keep(handle)) {}
    kept(const kept &) = delete;
    kept &operator=(const kept &) = delete;
    ~kept() { drop(handle_); }
    Handle &operator*() const noexcept { return *handle_; }

private:
    Handle *handle_;
};

}  // namespace holdfast::c
