// Context variables and threading.local last as long as their native thread, across all its attaches.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import contextvars, threading\n"
            "variable = contextvars.ContextVar('variable', default='unset')\n"
            "local = threading.local()");
    }
    for (int round = 0; round < 2; ++round)
        std::thread([&] {
            {
                const holdfast::attach_guard attached(python.view());
                CHECK(text_of_python("variable.get()") == "unset");  // nothing of an earlier thread
                CHECK(text_of_python("hasattr(local, 'x')") == "False");
                run_python("variable.set('mine'); local.x = 'mine, too'");
            }
            const holdfast::attach_guard attached(python.view());
            CHECK(text_of_python("variable.get()") == "mine");
            CHECK(text_of_python("local.x") == "mine, too");
        }).join();
}
