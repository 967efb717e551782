// pthread_cancel() of a thread that has never attached takes effect after an attach that throws nothing.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

namespace {

std::atomic<int> attaches{0};
std::atomic<int> unwound{0};

struct witness {
    ~witness() { ++unwound; }
};

/// Its first attach makes a state, drops references that others left, and runs destructors.
void *attach_when_cancelled(void *view) {
    const witness here;
    CHECK(pthread_cancel(pthread_self()) == 0);
    {
        const holdfast::attach_guard attached(
            *static_cast<const holdfast::interpreter_view *>(view), std::nothrow);
        CHECK(attached);
        ++attaches;
    }
    pthread_testcancel();
    return nullptr;
}

void cancel_in(const holdfast::interpreter_view &view) {
    holdfast::object dropped;
    {
        const holdfast::attach_guard attached(view);
        holdfast::exec(
            "import threading\nclass waits:\n    def __del__(self): threading.Event().wait(0.01)");
        dropped = holdfast::eval<holdfast::object>("waits()");
    }
    dropped = {};
    holdfast::interpreter_view its = view;
    CHECK(end_of(started_thread(&attach_when_cancelled, &its)) == PTHREAD_CANCELED);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    cancel_in(python.view());
    {
        const holdfast::subinterpreter other(python);
        cancel_in(other.view());
    }
    CHECK(attaches == 2 && unwound == 2);
    CHECK(python.finalize(std::chrono::seconds(10)));
}
