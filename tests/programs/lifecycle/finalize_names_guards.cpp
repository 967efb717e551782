// The report names a guard that was handed over without its maker, and says if a guard's thread has ended.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/drain.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

int main() {
    holdfast::interpreter python;
    const std::uint64_t own = holdfast::detail::this_thread_native_id();
    {
        holdfast::executor_config config;
        config.threads = 1;
        holdfast::executor pool(python, config);
        event running;
        event go;
        std::future<void> result = pool.submit([&] {
            running.set();
            const holdfast::detach_guard detached;
            go.wait();
        });
        running.wait();
        const holdfast::finalize_report report = python.finalize(20ms);
        CHECK(!report &&
              report.still_inside.size() == 2);  // the task, and the guard of tasks that wait
        for (const holdfast::attached_thread &thread : report.still_inside)
            CHECK(thread.native_id != own);
        CHECK(contains(report.text(), "an interpreter_guard that was made at "));
        CHECK(report.text().find("thread 0") == std::string::npos);
        go.set();
        python.reopen();
        result.get();
    }
    {
        const auto hidden = std::make_unique<holdfast::interpreter_guard>(python);
        const std::string place = std::string(__FILE__) + ':' + std::to_string(__LINE__ + 1);
        const auto known = holdfast::make_guard<holdfast::interpreter_guard>(python);
        std::string text;
        CHECK(*hidden && *known);
        for (const holdfast::attached_thread &one :
             holdfast::detail::list_inside(*python.view().ref().record))
            text += one.where + '\n';
        CHECK(contains(text, "make_guard()"));
        CHECK(contains(text, place));
    }
    holdfast::interpreter_guard *left = nullptr;
    std::thread([&] { left = new holdfast::interpreter_guard(python); }).join();
    const holdfast::finalize_report report = python.finalize(20ms);
    CHECK(!report && report.still_inside.size() == 1);
    CHECK(contains(report.text(), "finalize_names_guards.cpp:"));
#if defined(__linux__)
    CHECK(contains(report.text(), "this thread has ended"));
#endif
    delete left;
    CHECK(python.finalize(30s));
}
