// References that detached threads drop are released at the next attach: none is lost, and none goes early.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    constexpr int threads = 8;
    constexpr int each = 200;
    holdfast::interpreter python;
    holdfast::exec(
        "dropped = 0\n"
        "class Counted:\n"
        "    def __del__(self):\n"
        "        global dropped\n"
        "        dropped += 1\n");
    std::vector<std::vector<holdfast::object>> kept(threads);
    {
        const holdfast::attach_guard attached(python.view());
        for (auto &objects : kept)
            for (int i = 0; i < each; ++i)
                objects.push_back(holdfast::eval<holdfast::object>("Counted()"));
    }
    std::vector<std::thread> workers;
    for (auto &objects : kept)
        workers.emplace_back([&] {
            CHECK(!holdfast::attached());
            objects.clear();
        });
    for (std::thread &worker : workers)
        worker.join();

    CHECK(holdfast::eval<int>("dropped") == threads * each);  // this attach did it

    // The first attach of a thread does it, too.
    holdfast::object left;
    std::thread([&] {
        left = holdfast::eval<holdfast::object>("Counted()");
    }).join();  // without a GIL: nobody's now
    std::thread([&] { left = {}; }).join();
    std::thread([&] {
        const holdfast::attach_guard attached(python.view());
        CHECK(number_of_python("dropped") == threads * each + 1);
    }).join();

    auto one = holdfast::eval<holdfast::object>("Counted()");
    {
        const holdfast::attach_guard attached(python.view());
        one = {};
        CHECK(number_of_python("dropped") == threads * each + 2);  // attached: at once
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
