// pthread_cancel() of a thread that ends a sub-interpreter takes effect afterwards, and leaves nothing behind.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <thread>

#include <pthread.h>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

bool has_reported = false;

/// The thread cancels itself attached to the sub-interpreter, just before it looks for the states of
/// others there, and waits for them.
void *end_it(void *its_sub) {
    auto &sub = *static_cast<holdfast::subinterpreter *>(its_sub);
    const holdfast::finalize_report report = sub.finalize(100ms);
    has_reported = !report && report.still_inside.size() == 1;
    pthread_testcancel();
    return nullptr;
}

/// Leaves an object that the thread which ends the sub-interpreter drops: no other one attaches there
/// before. Without a GIL only the thread that made an object would drop it, while there is that one.
void leave_what_cancels_who_drops_it(const holdfast::interpreter_view &view) {
    std::thread([&] {
        holdfast::object dropped_detached;
        const holdfast::attach_guard attached(view);
        dropped_detached = holdfast::object::steal(PyCapsule_New(
            &has_reported, nullptr, [](PyObject *) { pthread_cancel(pthread_self()); }));
    }).join();
}

PyThreadState *state_of_another(const holdfast::interpreter_view &view) {
    const holdfast::attach_guard attached(view);
    return PyThreadState_New(PyInterpreterState_Get());
}

void cancelled_in_the_end(holdfast::interpreter &python) {
    holdfast::subinterpreter_config config;
    config.shared_gil = true;
    holdfast::subinterpreter sub(python, config);
    PyThreadState *const of_another = state_of_another(sub.view());
    leave_what_cancels_who_drops_it(sub.view());
    pthread_t thread{};
    CHECK(pthread_create(&thread, nullptr, &end_it, &sub) == 0);
    void *result = nullptr;
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(has_reported);
    sub.reopen();
    {
        const holdfast::attach_guard attached(sub.view());
        PyThreadState_Clear(of_another);
        PyThreadState_Delete(of_another);
    }
    CHECK(sub.finalize(30s));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    cancelled_in_the_end(python);
    CHECK(holdfast::eval<int>("1 + 1") == 2);
    CHECK(python.finalize(30s));
}
