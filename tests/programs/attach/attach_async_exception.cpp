// An asynchronous exception that hits an idle thread, or arrives after its call, does not hit the next call.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event first_call_over;
    event aimed;
    unsigned long ident = 0;

    std::thread worker([&] {
        {
            const holdfast::attach_guard attached(python.view());
            ident = PyThread_get_thread_ident();
        }
        first_call_over.set();
        aimed.wait();
        for (int round = 0; round < 3; ++round) {
            const holdfast::attach_guard attached(python.view());
            run_python("total = sum(i for i in range(10_000))");
        }
    });

    first_call_over.wait();
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(PyThreadState_SetAsyncExc(ident, PyExc_KeyboardInterrupt) ==
              1);  // the cached state is found
    }
    aimed.set();
    worker.join();

    // And one that arrives too late in a call ends with that call: the next attach of this thread, by our guard
    // or by a library's PyGILState pair, does not get it.
    for (const bool by_library : {false, true})
        std::thread([&] {
            {
                const holdfast::attach_guard attached(python.view());
                CHECK(PyThreadState_SetAsyncExc(PyThread_get_thread_ident(),
                                                PyExc_KeyboardInterrupt) == 1);
            }
            if (by_library) {
                const PyGILState_STATE gil = PyGILState_Ensure();
                run_python("total = sum(i for i in range(10_000))");
                PyGILState_Release(gil);
            } else {
                const holdfast::attach_guard attached(python.view());
                run_python("total = sum(i for i in range(10_000))");
            }
        }).join();
}
