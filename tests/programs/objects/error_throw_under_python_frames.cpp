// A C++ callback that throws below five Python frames, 3000 times, leaves the interpreter healthy.
#include <holdfast/holdfast.hpp>

#include <stdexcept>
#include <string>
#include <thread>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def f1(callback): return callback()\n"
        "def f2(callback): return [f1(callback)][0]\n"
        "def f3(callback): return max([1], key=lambda _: f2(callback))\n"
        "def f4(callback):\n"
        "    try:\n"
        "        return f3(callback)\n"
        "    finally:\n"
        "        global passed\n"
        "        passed += 1\n"
        "def f5(callback): return f4(callback)\n"
        "passed = 0\n");
    std::thread([] {
        const holdfast::object callback = holdfast::callable(
            "thrower", []() -> int { throw std::runtime_error("from under Python"); });
        const holdfast::function<int(const holdfast::object &)> call{"__main__", "f5"};
        for (int i = 0; i < 3000; ++i) {
            try {
                call(callback);
                check::fail(__FILE__, __LINE__, "nothing was thrown");
            } catch (const holdfast::python_error &error) {
                CHECK(error.type() == "RuntimeError" && error.message() == "from under Python");
            }
        }
        CHECK(holdfast::eval<int>("passed") == 3000);
        holdfast::exec("def deep(n): return 0 if n == 0 else 1 + deep(n - 1)\n");
        CHECK(holdfast::eval<int>("deep(800)") == 800);  // no frame was left on the stack
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
