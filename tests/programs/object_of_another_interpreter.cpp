// An object is never handed to another interpreter, and is dropped in its own, wherever it ends.
#include <holdfast/holdfast.hpp>

#include <thread>
#include <utility>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    {
        holdfast::subinterpreter other(python);
        holdfast::exec("dropped = []\n"
                       "class Counted:\n"
                       "    def __del__(self):\n"
                       "        dropped.append(1)\n");
        auto object = holdfast::eval<holdfast::object>("Counted()");
        std::thread([&] {
            const holdfast::attach_guard attached(other.view());
            const holdfast::function<bool(holdfast::object)> truth{"builtins", "bool"};
            CHECK(thrown_code<holdfast::usage_error>([&] { truth(object); }) == "HF408");
            const holdfast::object copy(object);  // goes over to the object's own interpreter
            CHECK(copy.view() == python.view());
            object = {};
        }).join();
        CHECK(holdfast::eval<int>("len(dropped)") == 1);
        CHECK(other.finalize(std::chrono::seconds(5)));
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
