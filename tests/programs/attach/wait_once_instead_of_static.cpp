// Two threads race to an initialiser that calls Python: with call_once() it runs once and both continue.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

holdfast::once_flag once;
int value = 0;

template <class Before>
int value_made_by_python(Before before) {
    holdfast::call_once(once, [&] {
        before();
        const holdfast::attach_guard attached;
        value += holdfast::eval<int>("6 * 7");
    });
    return value;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    event initialising, is_attached;
    std::thread initialises([&] {
        CHECK(value_made_by_python([&] {
                  initialising.set();
                  is_attached.wait();
              }) == 42);
    });
    std::thread is_attached_first([&] {
        initialising.wait();
        const holdfast::attach_guard attached;
        is_attached.set();
        CHECK(value_made_by_python([] { CHECK(false); }) == 42);
        CHECK(holdfast::attached());
    });
    initialises.join();
    is_attached_first.join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
