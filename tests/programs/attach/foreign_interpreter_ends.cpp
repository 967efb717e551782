// The end of a sub-interpreter of other code waits for threads inside and refuses late ones; nothing crashes.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"

namespace hf = holdfast;

namespace {

long long here() { return PyInterpreterState_GetID(PyInterpreterState_Get()); }

using maker = std::function<PyThreadState *()>;

std::vector<maker> makers() {
    std::vector<maker> all{[] { return Py_NewInterpreter(); }};
#if PY_VERSION_HEX >= 0x030C0000
    all.push_back([] {
        PyInterpreterConfig config{};
        config.allow_threads = 1;
        config.check_multi_interp_extensions = 1;
        config.gil = PyInterpreterConfig_OWN_GIL;
        PyThreadState *made = nullptr;
        return PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &config)) ? nullptr : made;
    });
#endif
    return all;
}

void expect_refused(const hf::interpreter_view &view) {
    const hf::attach_guard late(view, std::nothrow);
    CHECK(!late);
    const hf::closed_reason why = late.reason();
    CHECK(why == hf::closed_reason::finalizing || why == hf::closed_reason::finalized ||
          why == hf::closed_reason::stale);
}

/// Ends the interpreter of `made`, as its maker does, with threads in every relation to it.
/// \param slow  longer than the limit of one wait; from 3.14 on CPython then goes on without them.
void end_with_company(const maker &make, bool slow) {
    const hf::attach_guard attached(hf::main_view());
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const made = make();
    CHECK(made != nullptr);
    const hf::interpreter_view view = hf::current_view();
    hf::exec(
        "import threading");  // up to 3.12, its end waits for whoever was the first to import it
    PyThreadState_Swap(before);
    event inside, idle, go, over;
    std::vector<std::thread> threads;
    {
        const hf::detach_guard detached;
        threads.emplace_back([&] {
            const hf::attach_guard in(view);
            inside.set();
            {
                const hf::detach_guard away;
                go.wait();
            }
            CHECK(here() != 0);
            const hf::attach_guard passes(view);  // inside, so the closed gate lets it pass
            hf::exec("pass");
        });
        threads.emplace_back([&] {
            for (int i = 0; i < 3; ++i) {
                const hf::attach_guard in(view);
                hf::exec("import threading; local = threading.local(); local.name = 'idle'");
            }
            idle.set();
            over.wait();
            expect_refused(view);
            const hf::attach_guard main;  // what it was in is gone
            CHECK(here() == 0);
        });
        for (int i = 0; i < 2; ++i)
            threads.emplace_back([&] {
                for (;;) {
                    const hf::attach_guard in(view, std::nothrow);
                    if (!in)
                        return;
                    CHECK(here() != 0);
                }
            });
        threads.emplace_back([&] {
            while (view.alive())
                std::this_thread::yield();
            expect_refused(view);
            if (slow)
                std::this_thread::sleep_for(std::chrono::milliseconds(150));  // three waits
            go.set();
        });
        inside.wait();
        idle.wait();
    }
    PyThreadState_Swap(made);
    Py_EndInterpreter(made);
    PyThreadState_Swap(before);
    CHECK(here() == 0);
    over.set();
    const hf::detach_guard detached;
    for (std::thread &one : threads)
        one.join();
}

}  // namespace

int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "50");
    hf::interpreter python;
    for (const maker &make : makers())
        for (int round = 0; round < 3; ++round)
            end_with_company(make, PY_VERSION_HEX < 0x030E0000 && round == 0);
    CHECK(python.finalize(std::chrono::seconds(20)).finalized);
}
