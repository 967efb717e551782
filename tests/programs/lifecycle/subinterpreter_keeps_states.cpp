// In a sub-interpreter, a thread's state lasts from one attach to the next, until the interpreter ends.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"

namespace hf = holdfast;

namespace {

constexpr const char *definitions = R"(
import threading, contextvars
local, variable = threading.local(), contextvars.ContextVar('variable', default=0)
dropped = []
class Noted:
    def __init__(self, name): self.name = name
    def __del__(self): dropped.append(self.name)
)";

/// A thread attaches several times, then sleeps in native code until `end`, and attaches too late.
void come_and_sleep(const hf::interpreter_view &view, int number, event &asleep, event &end) {
    PyThreadState *first = nullptr;
    for (int i = 0; i < 3; ++i) {
        const hf::attach_guard attached(view);
        first = i == 0 ? PyThreadState_Get() : first;
        CHECK(PyThreadState_Get() == first);
        hf::exec(i == 0 ? "local.value = Noted(" + std::to_string(number) + "); variable.set(7)"
                        : std::string("pass"));
        CHECK(hf::eval<bool>("local.value.name == " + std::to_string(number) +
                             " and variable.get() == 7"));
    }
    asleep.set();
    end.wait();
    hf::attach_guard late(view, std::nothrow);
    CHECK(!late);
    const hf::attach_guard main(hf::main_view());
    CHECK(hf::eval<int>("1 + 1") == 2);
}

/// What a library sees of a thread that keeps a state in a sub-interpreter: the main interpreter.
void expect_library_in_main() {
    const PyGILState_STATE before = PyGILState_Ensure();
    CHECK(PyInterpreterState_Get() == PyInterpreterState_Main());
    PyGILState_Release(before);
}

void threads_asleep(const hf::interpreter &python, const hf::subinterpreter_config &config,
                    bool with_main) {
    constexpr int count = 4;
    auto sub = std::make_unique<hf::subinterpreter>(python, config);
    std::vector<event> asleep(count);
    event end;
    {
        const hf::attach_guard attached(sub->view());
        hf::exec(definitions);
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&, i, view = sub->view()] {
            if (with_main)
                const hf::attach_guard main_first(python);
            come_and_sleep(view, i, asleep[static_cast<std::size_t>(i)], end);
            expect_library_in_main();
        });
    for (event &one : asleep)
        one.wait();
    CHECK(sub->finalize(std::chrono::seconds(20)).finalized);
    sub.reset();
    end.set();
    for (std::thread &one : threads)
        one.join();
}

/// One thread and several interpreters, by turns; its exit deletes what it keeps.
void by_turns(const hf::interpreter &python) {
    hf::subinterpreter one(python), two(python);
    std::thread([&] {
        for (int i = 0; i < 5; ++i)
            for (const hf::interpreter_view &view : {one.view(), python.view(), two.view()}) {
                const hf::attach_guard attached(view);
                CHECK(hf::current_view() == view);
                hf::exec(
                    "import threading; here = globals().get('here') or threading.local(); here.n = "
                    "getattr(here, 'n', 0) + 1");
                CHECK(hf::eval<int>("here.n") == i + 1);
#if PY_VERSION_HEX >= \
    0x030C0000  // before, CPython's PyGILState knows the main interpreter alone, and waits for itself
                const PyGILState_STATE before = PyGILState_Ensure();
                CHECK((PyInterpreterState_Get() == PyInterpreterState_Main()) ==
                      (view == python.view()));
                PyGILState_Release(before);
#endif
            }
        expect_library_in_main();
    }).join();
    for (const hf::subinterpreter *const sub : {&one, &two}) {
        const hf::attach_guard attached(sub->view());
        hf::exec("import gc; gc.collect()");
    }
}

}  // namespace

int main() {
    for (int round = 0; round < 2; ++round) {
        hf::interpreter python;
        hf::subinterpreter_config shared;
        shared.shared_gil = true;
        for (const hf::subinterpreter_config &config : {hf::subinterpreter_config{}, shared}) {
            threads_asleep(python, config, true);
            threads_asleep(python, config, false);
        }
        by_turns(python);
        CHECK(python.finalize(std::chrono::seconds(20)).finalized);
#if PY_VERSION_HEX < 0x030D0000
        break;  // CPython 3.12.1 does not start a second time with what was imported
#endif
    }
}
