// A thread alternates between two sub-interpreters; the report names a worker inside one; any thread may end it.
// python: >=3.12
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <memory>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    auto one = std::make_unique<holdfast::subinterpreter>(python);
    auto two = std::make_unique<holdfast::subinterpreter>(python);
    std::thread([&] {
        for (int i = 0; i < 1000; ++i) {
            const holdfast::subinterpreter &wanted = i % 2 == 0 ? *one : *two;
            const holdfast::attach_guard attached(wanted.view());
            run_python(i < 2 ? "count = 1" : "count += 1");
            // A library that knows only PyGILState stays where its caller is.
            const PyInterpreterState *const here = PyInterpreterState_Get();
            const PyGILState_STATE before = PyGILState_Ensure();
            CHECK(PyInterpreterState_Get() == here);
            PyGILState_Release(before);
        }
        for (const holdfast::subinterpreter *each : {one.get(), two.get()}) {
            const holdfast::attach_guard attached(each->view());
            CHECK(number_of_python("count") == 500);
        }
    }).join();

    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(one->view());
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    const holdfast::finalize_report report = one->finalize(std::chrono::milliseconds(20));
    CHECK(!report && report.still_inside.size() == 1);
    go.set();
    worker.join();
    std::thread([&] { CHECK(one->finalize(std::chrono::seconds(10))); }).join();
    {
        const holdfast::attach_guard attached(python.view());
        run_python("after = 1");
    }
    CHECK(two->finalize(std::chrono::seconds(10)));
    CHECK(python.finalize(std::chrono::seconds(10)));
}
