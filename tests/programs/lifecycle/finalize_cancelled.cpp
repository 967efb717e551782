// pthread_cancel() of a thread that starts Python or a sub-interpreter, or ends one, takes effect afterwards.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

using namespace std::chrono_literals;

namespace {

void cancel_this_thread() { CHECK(pthread_cancel(pthread_self()) == 0); }

/// Whether `work` comes to its end, and finds what it should, on a thread that it cancels.
template <class Work>
bool comes_to_its_end(Work work) {
    bool has_ended = false;
    on_cancelled_thread([&] { work(has_ended); });
    return has_ended;
}

void start(bool &has_ended) {
    cancel_this_thread();
    const holdfast::interpreter python;
    has_ended = python.view().reason() == holdfast::closed_reason::none;
}

void end(bool &has_ended) {
    holdfast::interpreter python;
    cancel_this_thread();
    has_ended = python.finalize(30s).finalized;
}

void end_by_interruption(bool &has_ended) {
    holdfast::interpreter python;
    cancel_this_thread();
    has_ended = python.finalize(30s, holdfast::interrupt_after{0ms}).finalized;
}

void end_of_a_subinterpreter(bool &has_ended) {
    holdfast::interpreter python;
    holdfast::subinterpreter sub(python);
    cancel_this_thread();
    has_ended = sub.finalize(30s).finalized;
}

/// Attached, so that its first cancellation point is its attach to the new one.
bool is_undone(const holdfast::interpreter &python) {
    struct look_around {
        bool &is_alone;
        ~look_around() {
            is_alone = holdfast::attached() &&
                       PyInterpreterState_Next(PyInterpreterState_Head()) == nullptr;
        }
    };
    bool is_alone = false;
    on_cancelled_thread([&] {
        const holdfast::attach_guard attached(python);
        const look_around at_end{is_alone};
        cancel_this_thread();
        const holdfast::subinterpreter never(python);
    });
    return is_alone;
}

}  // namespace

int main() {
    for (void (*const work)(bool &) :
         {&start, &end, &end_by_interruption, &end_of_a_subinterpreter})
        CHECK(comes_to_its_end(work));
    holdfast::interpreter python;
    CHECK(is_undone(python));
    CHECK(holdfast::eval<int>("1 + 1") == 2);
    CHECK(python.finalize(30s));
}
