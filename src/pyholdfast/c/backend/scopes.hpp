// c/backend/scopes.hpp: attach, detach, and their ends, in the caller's hf_scope.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <new>
#include <utility>

#include <holdfast/attach/guards.hpp>

#include "call_sites.hpp"
#include "errors.hpp"

struct hf_guard {
    holdfast::interpreter_guard guard;
};

namespace holdfast::c {

/// The first word of an hf_scope says what lives in the others.
enum : std::uint64_t { empty_scope = 0, attached_scope = 1, detached_scope = 2 };

static_assert(sizeof(attach_guard) <= sizeof(hf_scope) - sizeof(std::uint64_t));
static_assert(sizeof(detach_guard) <= sizeof(hf_scope) - sizeof(std::uint64_t));
static_assert(alignof(attach_guard) <= alignof(hf_scope));

template <class Guard>
Guard *guard_in(hf_scope *scope) noexcept {
    return std::launder(reinterpret_cast<Guard *>(scope->reserved + 1));
}

inline detail::interpreter_ref ref_of(hf_view view) noexcept {
    return {static_cast<detail::interpreter_record *>(view.record), view.generation};
}

inline hf_view view_for(const interpreter_view &view) noexcept {
    const detail::interpreter_ref ref = view.unresolved_ref();
    return {ref.record, ref.generation};
}

/// A view of generation 0 names the first run. Its record may be a stand-in for the main one.
inline interpreter_view view_from(hf_view view) noexcept {
    if (view.record != nullptr && view.generation == 0)
        return interpreter_view({&detail::process().main, 0});
    return interpreter_view(ref_of(view));
}

inline hf_status attach(hf_scope *scope, hf_view view, void *from) {
    auto *const guard =
        new (scope->reserved + 1) attach_guard(view_from(view), std::nothrow, site_of(from));
    if (*guard) {
        scope->reserved[0] = attached_scope;
        return HF_OK;
    }
    scope->reserved[0] = empty_scope;
    const closed_reason reason = guard->reason();
    guard->~attach_guard();
    return refused(reason);
}

inline hf_status attach_by_guard(hf_scope *scope, hf_guard *guard, void *from) {
    scope->reserved[0] = empty_scope;
    if (guard == nullptr)
        return given_nothing("hf_attach_guard", "a guard that is");
    return protect([&]() -> hf_status {
        new (scope->reserved + 1) attach_guard(guard->guard, site_of(from));
        scope->reserved[0] = attached_scope;
        return HF_OK;
    });
}

inline hf_status detach(hf_scope *scope) {
    new (scope->reserved + 1) detach_guard;
    scope->reserved[0] = detached_scope;
    return HF_OK;
}

inline void end(hf_scope *scope) {
    const std::uint64_t kind = scope->reserved[0];
    scope->reserved[0] = empty_scope;
    if (kind == attached_scope)
        guard_in<attach_guard>(scope)->~attach_guard();
    else if (kind == detached_scope)
        guard_in<detach_guard>(scope)->~detach_guard();
}

inline int is_attached() { return attached() ? 1 : 0; }

inline hf_view view_of_main() { return view_for(main_view()); }

inline hf_view view_of_this_thread() { return view_for(interpreter_view(detail::attached_ref())); }

inline hf_status hold(hf_view view, void *from, hf_guard **out) {
    return protect([&]() -> hf_status {
        interpreter_guard held(view_from(view), site_of(from));
        // Moved, so that it is nobody's in particular: C hands it over without telling us
        *out = new hf_guard{std::move(held)};
        return HF_OK;
    });
}

inline void guard_free(hf_guard *guard) { delete guard; }

/// An attach for functions that need no view: to the interpreter that the thread is attached to,
/// else to the main one.
class attached_here {
public:
    explicit attached_here(void *from) : attached_here(site_of(from)) {}
    /// \param function  whose call it is.
    explicit attached_here(const char *function) : attached_here(call_site::at(function, 0)) {}

private:
    explicit attached_here(call_site site)
        : guard_(attached() ? interpreter_view(detail::attached_ref()) : main_view(), site) {}

    attach_guard guard_;
};

}  // namespace holdfast::c
