// holdfast/attach/gc_traverse.hpp: tp_traverse functions, in which no thread may attach.
//
// The garbage collector calls tp_traverse while it counts which objects refer to which. If Python
// code ran then, or a reference were dropped, the counts would be wrong, and the process would
// crash later. On a free-threaded build all other threads are stopped meanwhile, too.
//
// CPython does not reveal that it is traversing: its only flag is also set while finalizers run,
// which may attach. So the tp_traverse function must say so itself. In one that does not, an attach
// is an ordinary nested one.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast {

namespace detail {

// Zeros: a state that no thread is attached with. While it stands in for the thread's state, no
// attach takes a fast path.
inline PyThreadState not_attached{};

}  // namespace detail

/// During its lifetime the calling thread is refused every attach, nested or not, by any library:
/// HF255, or closed_reason::traversing for a guard that is tested. So typed calls and exec() are
/// refused as well.
///
/// Threads: construct and destroy on one thread, inside a tp_traverse function. It does not
///          allocate Python memory.
class traverse_scope {
public:
    HOLDFAST_DETAIL_NAMED traverse_scope() noexcept : self_(detail::this_thread()) {
        if (self_ == nullptr)
            return;  // no memory: this thread has never attached through holdfast, and cannot do so
                     // now
        attached_ = std::exchange(self_->attached, &detail::not_attached);
        was_traversing_ = std::exchange(self_->traversing, true);
    }
    traverse_scope(const traverse_scope &) = delete;
    traverse_scope &operator=(const traverse_scope &) = delete;
    ~traverse_scope() {
        if (self_ == nullptr)
            return;
        self_->traversing = was_traversing_;
        self_->attached = attached_;
    }

private:
    detail::thread_record *self_;
    void *attached_ = nullptr;
    bool was_traversing_ = false;
};

/// A tp_traverse slot that runs `Traverse` in a traverse_scope.
///
///     {Py_tp_traverse, reinterpret_cast<void *>(&holdfast::traverse_refusing<&my_traverse>)}
///
/// A refusal that `Traverse` does not catch is reported once on stderr, and the rest of the object
/// is not visited. That is safe: the refusal comes at the same place each time, and an object that
/// is never visited is never treated as garbage.
template <traverseproc Traverse>
int traverse_refusing(PyObject *object, visitproc visit, void *argument) noexcept {
    const traverse_scope scope;
    try {
        return Traverse(object, visit, argument);
    } catch (const closed_error &refused) {
        static std::atomic<bool> said{false};
        if (!said.exchange(true, std::memory_order_relaxed))
            detail::say("holdfast: in tp_traverse of %s: %s\n", Py_TYPE(object)->tp_name,
                        refused.what());
        return 0;
    }
}

}  // namespace holdfast
