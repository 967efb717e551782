// If the end of a sub-interpreter waits for a thread inside, it soon names the thread (HF251).
// deadline: 40
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "descriptors.hpp"
#include "environment.hpp"
#include "event.hpp"

namespace hf = holdfast;

int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "600000");
    std::string text;
    hf::interpreter python;
    {
        const hf::attach_guard attached(hf::main_view());
        PyThreadState *const main_state = PyThreadState_Get();
        PyThreadState *const made = Py_NewInterpreter();
        CHECK(made != nullptr);
        const hf::interpreter_view view = hf::current_view();
        PyThreadState_Swap(main_state);
        event inside;
        captured_stderr said;
        std::thread user([&] {
            const hf::attach_guard in(view);
            inside.set();
            const hf::detach_guard away;
            while (text.find("  do: ") == std::string::npos)
                text += said.some();
        });
        {
            const hf::detach_guard detached;
            inside.wait();
        }
        PyThreadState_Swap(made);
        Py_EndInterpreter(made);
        PyThreadState_Swap(main_state);
        const hf::detach_guard detached;
        user.join();
        text += said.all();
    }
    CHECK(text.find("holdfast: HF251 ") == 0);
    CHECK(text.find("foreign_interpreter_end_says_for_whom.cpp:") != std::string::npos);
    CHECK(text.find("\n  do: ") != std::string::npos);
    CHECK(python.finalize(std::chrono::seconds(20)).finalized);
}
