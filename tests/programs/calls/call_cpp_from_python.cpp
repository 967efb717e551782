// callable() makes a C++ function callable from Python: arguments by the parameters' types; wrong ones raise TypeError.
// short-run: no
#include <holdfast/holdfast.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

int plain_function(int a, int b) noexcept { return a - b; }

std::string raised_by(const char *expression) {
    try {
        holdfast::eval<holdfast::object>(expression);
    } catch (const holdfast::python_error &error) {
        return error.type() + ": " + error.message();
    }
    return "nothing";
}

void define(const char *name, const holdfast::object &value) {
    const holdfast::function<void(holdfast::object, std::string_view, holdfast::object)> set{
        "builtins", "setattr"};
    set(holdfast::eval<holdfast::object>("__import__('__main__')"), name, value);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    int count = 0;
    auto state = std::make_unique<int>(5);
    define("join", holdfast::callable(
                       "join", [](std::string_view sep, const std::vector<std::string> &parts) {
                           std::string all;
                           for (const std::string &part : parts)
                               all += (all.empty() ? "" : std::string(sep)) + part;
                           return all;
                       }));
    define("minus", holdfast::callable("minus", &plain_function));
    define("note", holdfast::callable("note", [&count] { ++count; }));
    define("add", holdfast::callable("add", [state = std::move(state)](int more) mutable {
               return *state += more;
           }));
    define("back", holdfast::callable("back", [](holdfast::object value) { return value; }));

    CHECK(holdfast::eval<std::string>("join('-', ['a', 'b'])") == "a-b");
    CHECK(holdfast::eval<int>("minus(7, 2)") == 5);
    CHECK((holdfast::eval<std::vector<int>>("[add(1), add(1)]") == std::vector<int>{6, 7}));
    CHECK(holdfast::eval<bool>("back(join) is join"));
    // clang++ 14 leaves out a call whose std::nullptr_t is only compared with nullptr.
    const std::nullptr_t nothing = holdfast::eval<std::nullptr_t>("note()");
    CHECK(nothing == nullptr && count == 1);
    CHECK(holdfast::eval<std::string>("join.__name__") == "join");
    holdfast::exec(
        "from threading import Thread\n"
        "threads = [Thread(target=note) for _ in range(5)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n");
    CHECK(count == 6);

    CHECK(raised_by("minus(1)") == "TypeError: minus() takes 2 arguments (1 given)");
    CHECK(contains(raised_by("minus(1, b=2)"), "TypeError: "));
    CHECK(contains(raised_by("minus(1, '2')"),
                   "TypeError: HF401 minus() argument 2: wanted int, found str"));
    CHECK(contains(raised_by("minus(1, 1 << 50)"), "OverflowError: HF402 minus() argument 2: "));
    CHECK(contains(raised_by("join('-', ['a', 5])"),
                   "TypeError: HF401 join() argument 2[1]: wanted str, found int"));
    CHECK(contains(raised_by("join('-', ['\\udc80', 'x'])"),
                   "TypeError: HF401 join() argument 2[0]: the str cannot be encoded"));
    CHECK(python.finalize(std::chrono::seconds(5)));
}
