// holdfast/objects/per_interpreter.ipp: the bodies of per_interpreter.hpp.
#pragma once

#include <holdfast/objects/per_interpreter.hpp>

#include <mutex>
#include <utility>

#include <holdfast/objects/python_error.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY stored_value &interpreter_store::add(
    interpreter_ref here, std::unique_ptr<stored_value> fresh) {
    pin_library(reinterpret_cast<const void *>(&destroy));
    const owned name =
        demand(PyUnicode_FromFormat("%s %p", capsule_name, static_cast<void *>(fresh.get())));
    const owned capsule = demand(PyCapsule_New(fresh.get(), capsule_name, &destroy));
    stored_value &mine = *fresh.release();
    mine.home = here;
    PyObject *const all = PyInterpreterState_GetDict(static_cast<PyInterpreterState *>(
        here.record->interpreter.load(std::memory_order_acquire)));  // borrowed
    if (all == nullptr || PyDict_SetItem(all, name.get(), capsule.get()) != 0) {
        if (all == nullptr)
            PyErr_NoMemory();
        throw_python_error();
    }
    stored_value &first = publish(here, mine);
    if (&first != &mine && PyDict_DelItem(all, name.get()) != 0)
        PyErr_Clear();
    return first;
}

/// The first value wins; a second thread removes its own from the dictionary.
HOLDFAST_DETAIL_COLD_BODY stored_value &interpreter_store::publish(interpreter_ref here,
                                                                   stored_value &fresh) {
    const std::lock_guard<std::mutex> hold(storing);
    entry &its = entry_for(*here.record);
    if (its.generation.load(std::memory_order_relaxed) != here.generation) {
        fresh.store = this;
        its.value.store(&fresh, std::memory_order_relaxed);
        its.generation.store(here.generation, std::memory_order_release);
    }
    return *its.value.load(std::memory_order_relaxed);
}

/// Under `storing`. Records are reused, so there are never many.
HOLDFAST_DETAIL_COLD_BODY interpreter_store::entry &interpreter_store::entry_for(
    interpreter_record &record) {
    entry *last = &first_;
    for (entry *one = &first_; one != nullptr; one = one->next.load(std::memory_order_relaxed)) {
        interpreter_record *const its = one->record.load(std::memory_order_relaxed);
        if (its == nullptr || its == &record) {
            one->record.store(&record, std::memory_order_relaxed);
            return *one;
        }
        last = one;
    }
    auto *const one = new entry;
    one->record.store(&record, std::memory_order_relaxed);
    last->next.store(one, std::memory_order_release);
    return *one;
}

/// For code that runs while CPython takes an interpreter down: the thread is attached to it with
/// the current state, whichever that is.
///
/// By then the interpreter may have no record any more, and up to 3.11 nothing shows that the state
/// belongs to this thread.
class last_moments {
public:
    explicit last_moments(interpreter_ref home) noexcept : self_(this_thread()) {
        if (self_ == nullptr)
            return;
        before_ = std::exchange(self_->attached, unchecked_state());
        before_to_ = std::exchange(self_->attached_to, home);
    }
    last_moments(const last_moments &) = delete;
    last_moments &operator=(const last_moments &) = delete;
    ~last_moments() {
        if (self_ == nullptr)
            return;
        self_->attached = before_;
        self_->attached_to = before_to_;
    }

private:
    thread_record *self_;
    void *before_ = nullptr;
    interpreter_ref before_to_{};
};

/// At the interpreter's end, or for a duplicate that was not needed.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD_BODY void interpreter_store::destroy(
    PyObject *capsule) noexcept {
    const saved_error aside;
    auto *const value = static_cast<stored_value *>(PyCapsule_GetPointer(capsule, capsule_name));
    {
        const std::lock_guard<std::mutex> hold(storing);
        for (entry *one = value->store != nullptr ? &value->store->first_ : nullptr; one != nullptr;
             one = one->next.load(std::memory_order_relaxed))
            if (one->value.load(std::memory_order_relaxed) == value) {
                one->generation.store(never, std::memory_order_relaxed);
                one->value.store(nullptr, std::memory_order_relaxed);
            }
    }
    const last_moments attached(value->home);
    delete value;  // drops its Python references here, outside the lock
}

HOLDFAST_DETAIL_COLD_BODY interpreter_store::~interpreter_store() {
    const std::lock_guard<std::mutex> hold(storing);
    for (entry *one = &first_; one != nullptr;) {
        entry *const next = one->next.load(std::memory_order_relaxed);
        if (stored_value *const value = one->value.load(std::memory_order_relaxed))
            value->store = nullptr;
        if (one != &first_)
            delete one;
        one = next;
    }
}

}  // namespace holdfast::detail
