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

namespace holdfast::detail {

struct scope_access {
    /// Makes a guard that has attached. As hf_attach() is called, and not inlined, begin() alone does
    /// it: the short cut for nested guards, which a constructor puts into its caller, would come on
    /// top. \return  why the thread was refused; then there is no guard.
    HOLDFAST_DETAIL_INLINE static closed_reason attach(void *place, interpreter_ref ref,
                                                       call_site site) noexcept {
        auto *const guard = new (place) attach_guard(attach_guard::not_begun{});
        if (__builtin_expect(static_cast<long>(guard->begin(ref, site)), 1) != 0)
            return closed_reason::none;
        return attach_slowly(*guard, ref, site);
    }

private:
    HOLDFAST_DETAIL_COLD static closed_reason attach_slowly(attach_guard &guard,
                                                            interpreter_ref ref,
                                                            call_site site) noexcept {
        guard.begin_slowly(ref, attach_guard::wanted::view_or_reason, site);
        const closed_reason reason = guard.reason();
        if (reason != closed_reason::none)
            guard.~attach_guard();
        return reason;
    }
};

}  // namespace holdfast::detail

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
inline detail::interpreter_ref ref_from(hf_view view) noexcept {
    if (__builtin_expect(static_cast<long>(view.generation == 0), 0) != 0 && view.record != nullptr)
        return {&detail::process().main, 0};
    return ref_of(view);
}

inline interpreter_view view_from(hf_view view) noexcept {
    return interpreter_view(ref_from(view));
}

inline hf_status attach(hf_scope *scope, hf_view view, void *from) {
    const closed_reason reason =
        detail::scope_access::attach(scope->reserved + 1, ref_from(view), site_of(from));
    if (__builtin_expect(static_cast<long>(reason == closed_reason::none), 1) != 0) {
        scope->reserved[0] = attached_scope;
        return HF_OK;
    }
    scope->reserved[0] = empty_scope;
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
