// pthread_cancel() of a thread that leaves a `with` block takes effect after __exit__, however the block is left.
#include <holdfast/calls.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

namespace {

/// Its __exit__ cancels the thread, and then calls what a cancelled thread unwinds from.
constexpr const char *managers = R"(
import os
left = []
class Manager:
    def __enter__(self): return 1
    def __exit__(self, kind, *rest):
        cancel()
        os.close(os.open(os.devnull, os.O_RDONLY))
        left.append(kind.__name__ if kind else '')
)";

using number = holdfast::entered<int>;
using text = holdfast::entered<std::string>;  // which __enter__ does not return

const holdfast::function<holdfast::object()> manager{"__main__", "Manager"};

void *leave_at_the_end_of_a_scope(void *) {
    { const number entered(manager()); }
    pthread_testcancel();
    return nullptr;
}

void *leave_by_an_exception(void *) {
    try {
        const number entered(manager());
        throw std::runtime_error("left");
    } catch (const std::runtime_error &) {}
    pthread_testcancel();
    return nullptr;
}

void *leave_before_it_is_entered(void *) {
    CHECK_THROWS(holdfast::conversion_error, text(manager()));
    pthread_testcancel();
    return nullptr;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached;
        holdfast::eval<holdfast::object>("globals()")
            .attr("__setitem__")
            .call("cancel", holdfast::callable("cancel", [] { pthread_cancel(pthread_self()); }));
    }
    holdfast::exec(managers);
    CHECK(end_of_thread(&leave_at_the_end_of_a_scope) == PTHREAD_CANCELED);
    CHECK(end_of_thread(&leave_by_an_exception) == PTHREAD_CANCELED);
    CHECK(end_of_thread(&leave_before_it_is_entered) == PTHREAD_CANCELED);
    CHECK(holdfast::eval<std::string>("' '.join(left)") == " RuntimeError RuntimeError");
    CHECK(python.finalize(std::chrono::seconds(30)));
}
