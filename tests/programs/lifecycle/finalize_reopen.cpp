// After a limit passed, reopen() admits threads again; at any other time reopen() throws HF217.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const auto reopen = [&] { python.reopen(); };
    CHECK(thrown_code<holdfast::usage_error>(reopen) == "HF217");
    for (int round = 0; round < 3; ++round) {
        event inside;
        event go;
        std::thread worker([&] {
            const holdfast::attach_guard attached(python.view());
            const holdfast::detach_guard detached;
            inside.set();
            go.wait();
        });
        inside.wait();
        CHECK(!python.finalize(std::chrono::milliseconds(0)));
        CHECK(!holdfast::attach_guard(python.view(), std::nothrow));
        python.reopen();
        CHECK(python.view().alive());
        {
            const holdfast::attach_guard attached(python.view());
            run_python("again = True");
        }
        std::thread([&] {
            const holdfast::attach_guard newcomer(python.view());
            run_python("newcomer = True");
        }).join();
        go.set();
        worker.join();
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(thrown_code<holdfast::usage_error>(reopen) == "HF217");
}
