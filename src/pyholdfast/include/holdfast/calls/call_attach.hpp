// holdfast/calls/call_attach.hpp: how a typed call attaches, if the thread is not attached yet.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <new>

#include <holdfast/attach/guards.hpp>

namespace holdfast::detail {

/// The interpreter that the thread is attached to by a guard of ours, so that it needs no other
/// guard; a null record if there is none.
inline interpreter_ref guarded_ref() noexcept {
    const thread_record *const self = cached_thread;
    return is_in_guard(self) ? self->attached_to : interpreter_ref{};
}

/// The guard of a call that attaches by itself. Most calls find the thread attached and need none.
///
/// It leaves the guard's memory alone until then. A std::optional clears it all first, which takes
/// a tenth of a short call.
class call_attach {
public:
    call_attach() noexcept {}
    call_attach(const call_attach &) = delete;
    call_attach &operator=(const call_attach &) = delete;
    ~call_attach() {
        if (made_)
            guard_.~attach_guard();
    }

    /// Attaches to `view` or, if that is empty, to the interpreter that the thread is in, else to
    /// the main one. Once at most. \throws closed_error
    void begin(const interpreter_view &view, call_site site) {
        if (view.unresolved_ref().record == nullptr)
            ::new (static_cast<void *>(&guard_)) attach_guard(site);
        else
            ::new (static_cast<void *>(&guard_)) attach_guard(view, site);
        made_ = true;
    }

    [[nodiscard]] bool has_begun() const noexcept { return made_; }

private:
    union {
        attach_guard guard_;  // alive if made_
    };
    bool made_ = false;
};

}  // namespace holdfast::detail
