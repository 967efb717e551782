// exec and eval<T> can be passed on as functions of one argument, and a report still names the line of the call.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

namespace {

using namespace std::chrono_literals;

static_assert(std::is_same_v<decltype(&holdfast::exec), void (*)(std::string_view)>);
static_assert(std::is_same_v<decltype(&holdfast::eval<int>), int (*)(std::string_view)>);

template <void (*Run)(std::string_view)>
void run_by(std::string_view code) {
    Run(code);
}

}  // namespace

int main() {
    holdfast::interpreter python;

    std::thread named(holdfast::exec, "a = 1");
    std::thread addressed(&holdfast::exec, "b = 2");
    named.join();
    addressed.join();
    CHECK(holdfast::eval<int>("a + b") == 3);

    CHECK(std::async(std::launch::async, holdfast::eval<int>, "1+1").get() == 2);
    CHECK(std::async(std::launch::async, &holdfast::eval<std::string>, "'x' * 2").get() == "xx");

    void (*const run)(std::string_view) = holdfast::exec;
    int (*const value_of)(std::string_view) = &holdfast::eval<int>;
    run("c = 3");
    CHECK(value_of("c") == 3);
    auto *const drop = &holdfast::eval<void>;
    drop("c");
    run_by<holdfast::exec>("c = 4");
    const std::function<int(std::string_view)> kept = holdfast::eval<int>;
    CHECK(kept("c") == 4);
    {
        holdfast::executor pool(python, 1);
        pool.submit(holdfast::exec, "d = 5").get();
        pool.submit(&holdfast::exec, std::string("e = 6")).get();
        CHECK(pool.submit(holdfast::eval<int>, "d + e").get() == 11);
    }

    event inside;
    holdfast::exec("import threading\ngo = threading.Event()");
    std::thread waiting([&] {
        inside.set();
        try {
            holdfast::exec("begun = True; go.wait()");
        } catch (const holdfast::python_error &) {  // finalize() may have interrupted it
        }
    });
    inside.wait();
    while (!holdfast::eval<bool>("'begun' in globals()"))
        std::this_thread::yield();
    const holdfast::finalize_report report = python.finalize(0ms);
    CHECK(!report && report.still_inside.size() == 1);
    CHECK(contains(report.still_inside[0].where, "run_passed_on.cpp:"));
    python.reopen();
    holdfast::exec("go.set()");
    waiting.join();
    CHECK(python.finalize(5s));
}
