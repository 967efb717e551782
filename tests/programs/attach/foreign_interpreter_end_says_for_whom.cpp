// If the end of a sub-interpreter waits for a thread inside, it soon names the thread (HF251).
// deadline: 40
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"

namespace hf = holdfast;

namespace {

std::string text_of_file(int file) {
    std::string text(4096, '\0');
    const ssize_t size = pread(file, &text[0], text.size(), 0);
    CHECK(size >= 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

}  // namespace

int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "600000");
    const int before = dup(STDERR_FILENO);
    char name[] = "/tmp/holdfast-said-XXXXXX";
    const int said = mkstemp(name);
    CHECK(said >= 0);
    unlink(name);
    hf::interpreter python;
    {
        const hf::attach_guard attached(hf::main_view());
        PyThreadState *const main_state = PyThreadState_Get();
        PyThreadState *const made = Py_NewInterpreter();
        CHECK(made != nullptr);
        const hf::interpreter_view view = hf::current_view();
        PyThreadState_Swap(main_state);
        event inside;
        std::thread user([&] {
            const hf::attach_guard in(view);
            inside.set();
            const hf::detach_guard away;
            while (text_of_file(said).find("  do: ") == std::string::npos)
                std::this_thread::yield();
        });
        {
            const hf::detach_guard detached;
            inside.wait();
        }
        PyThreadState_Swap(made);
        dup2(said, STDERR_FILENO);
        Py_EndInterpreter(made);
        dup2(before, STDERR_FILENO);
        PyThreadState_Swap(main_state);
        const hf::detach_guard detached;
        user.join();
    }
    const std::string text = text_of_file(said);
    CHECK(text.find("holdfast: HF251 ") == 0);
    CHECK(text.find("foreign_interpreter_end_says_for_whom.cpp:") != std::string::npos);
    CHECK(text.find("\n  do: ") != std::string::npos);
    CHECK(python.finalize(std::chrono::seconds(20)).finalized);
}
