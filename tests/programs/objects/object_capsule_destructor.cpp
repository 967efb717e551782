// What a Python callable owns in C++ is destroyed once, attached, on whichever thread, even at the end.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <memory>
#include <thread>

#include "check.hpp"

namespace {

holdfast::mutex shared_lock;
std::atomic<int> destroyed{0};

/// Needs an attached thread, a lock that others want, and Python, to end.
struct demanding {
    holdfast::object kept;

    ~demanding() {
        if (!kept)
            return;  // moved from
        CHECK(holdfast::attached());
        const std::lock_guard<holdfast::mutex> hold(shared_lock);
        const holdfast::attach_guard nested;
        CHECK(PyList_Check(kept.get()));
        ++destroyed;
    }
    demanding() = default;
    demanding(demanding &&) = default;
};

holdfast::object make_callable() {
    demanding owned;
    owned.kept = holdfast::eval<holdfast::object>("[1]");
    return holdfast::callable("owner", [owned = std::move(owned)] { return 1; });
}

}  // namespace

int main() {
    holdfast::interpreter python;

    auto dropped_elsewhere = make_callable();
    CHECK(dropped_elsewhere.call<int>() == 1);
    std::thread([&] {
        const std::lock_guard<holdfast::mutex> hold(shared_lock);
        const holdfast::attach_guard attached;
        CHECK(destroyed == 0);
    }).join();
    std::thread([object = std::move(dropped_elsewhere)]() mutable {
        const holdfast::attach_guard attached;
        object = {};
        // A free-threaded build hands the last decref to the thread that made the object.
        CHECK(destroyed == 1 || HOLDFAST_HAS_FREE_THREADING);
    }).join();

    // Only Python owns this one: it is destroyed with the modules.
    {
        const holdfast::attach_guard attached;
        const holdfast::object callable = make_callable();
        PyObject_SetAttrString(PyImport_AddModule("__main__"), "callable_of_main", callable.get());
    }
    CHECK(destroyed == 1);
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(destroyed == 2);
}
