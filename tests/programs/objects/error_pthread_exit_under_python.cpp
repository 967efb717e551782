// A callback that ends its thread by pthread_exit() costs only that thread: Python and finalize() continue.
#include <holdfast/holdfast.hpp>

#include <pthread.h>

#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

event about_to_exit;

struct set_when_unwound {
    ~set_when_unwound() { about_to_exit.set(); }
};

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def f1(callback): return callback()\n"
        "def f2(callback): return max([1], key=lambda _: f1(callback))\n");
    std::thread lost([] {
        const holdfast::object callback = holdfast::callable("leave", [] {
            const set_when_unwound unwound;
            pthread_exit(nullptr);
        });
        const holdfast::function<int(const holdfast::object &)> call{"__main__", "f2"};
        call(callback);
    });
    about_to_exit.wait();
    for (int i = 0; i < 1000; ++i)
        CHECK(holdfast::eval<int>("1 + 1") == 2);
    CHECK(holdfast::eval<int>("len(__import__('sys')._current_frames()) > 0") == 1);
    holdfast::exec("import gc; gc.collect()");
    CHECK(python.finalize(std::chrono::seconds(5)));
    lost.detach();  // joining it would wait for ever
}
