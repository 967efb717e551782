// interop_library.hpp: a library with its own copy of holdfast, and what must be true of two of them.
#pragma once

#include <holdfast/interpreter.hpp>

#include <chrono>
#include <cstdio>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

/// Functions compiled into one shared library, with that library's copy of holdfast.
struct interop_library {
    PyThreadState *(*state_in_guard)();          // attaches by default
    PyThreadState *(*state_in_guard_of_main)();  // attaches by main_view()
    bool (*attached)();
    bool (*refused)();  // whether main_view() turns this thread away
    void (*stay_inside)(void (*meanwhile)(void *), void *argument);  // detached within a guard
};

/// On one thread: all see the same thread state, whichever attaches outermost.
inline void interop_demand_agreement(const interop_library &one, const interop_library &two,
                                     const holdfast::interpreter_view &view) {
    PyThreadState *const first = one.state_in_guard();
    CHECK(two.state_in_guard() == first);
    CHECK(one.state_in_guard_of_main() == first);
    CHECK(two.state_in_guard_of_main() == first);
    const holdfast::attach_guard attached(view);
    CHECK(PyThreadState_Get() == first);
    CHECK(one.attached() && two.attached());
    CHECK(one.state_in_guard() == first && two.state_in_guard_of_main() == first);
    CHECK(one.attached());
    const holdfast::detach_guard detached;
    CHECK(!one.attached() && !two.attached());
    CHECK(one.state_in_guard() == first && two.state_in_guard() == first);
}

/// If a thread is inside through one library, finalize() waits, and the thread passes the closed gate in the other;
/// both refuse newcomers.
inline void interop_demand_common_drain(const interop_library &one, const interop_library &two,
                                        holdfast::interpreter &python) {
    struct meeting {
        const interop_library &two;
        holdfast::interpreter_view view;
        event inside;
        event go;
    } common{two, python.view(), {}, {}};
    std::thread worker([&] {
        one.stay_inside(
            [](void *argument) {
                auto &met = *static_cast<meeting *>(argument);
                met.inside.set();
                met.go.wait();
                CHECK(met.two.state_in_guard() != nullptr);
            },
            &common);
    });
    common.inside.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(20)));
    std::thread([&] {
        CHECK(one.refused() && two.refused());
        CHECK(!holdfast::attach_guard(common.view, std::nothrow));
    }).join();
    common.go.set();
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
    std::fputs(report ? "" : report.text().c_str(), stderr);
    CHECK(report);
    worker.join();
    CHECK(one.refused() && two.refused());
}

/// Defines a library's functions; each library has its own copy.
#define INTEROP_LIBRARY(name)                                                            \
    extern "C" __attribute__((visibility("default"))) const interop_library *name();     \
    extern "C" const interop_library *name() {                                           \
        static const interop_library functions{                                          \
            [] {                                                                         \
                const holdfast::attach_guard attached;                                   \
                run_python("import sys");                                                \
                return PyThreadState_Get();                                              \
            },                                                                           \
            [] {                                                                         \
                const holdfast::attach_guard attached(holdfast::main_view());            \
                return PyThreadState_Get();                                              \
            },                                                                           \
            [] { return holdfast::attached(); },                                         \
            [] { return !holdfast::attach_guard(holdfast::main_view(), std::nothrow); }, \
            [](void (*meanwhile)(void *), void *argument) {                              \
                const holdfast::attach_guard attached;                                   \
                const holdfast::detach_guard detached;                                   \
                meanwhile(argument);                                                     \
            }};                                                                          \
        return &functions;                                                               \
    }
