// An executor calls a Python callable that is held as an object, and returns an object.
#include <holdfast/callable.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/executor.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

long number(const holdfast::object &value) {
    const holdfast::attach_guard attached(value.view());
    return PyLong_AsLong(value.get());
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def join(*words): return ''.join(map(str, words))\n"
        "def fail(): raise KeyError('gone')\n"
        "class Counter:\n"
        "    count = 0\n"
        "    def __call__(self, by=1): self.count += by; return self.count\n"
        "    def reset(self): self.count = 0\n"
        "counter = Counter()\n"
        "def is_counter(thing): return thing is counter");
    {
        holdfast::executor pool(python, 1);
        const auto join = holdfast::eval<holdfast::object>("join");
        const auto counter = holdfast::eval<holdfast::object>("counter");

        static_assert(
            std::is_same_v<decltype(pool.submit(counter)), std::future<holdfast::object>>);
        CHECK(number(pool.submit(counter).get()) == 1);
        CHECK(number(pool.submit(counter, 41).get()) == 42);
        pool.submit(counter.attr("reset")).get();
        CHECK(number(pool.submit(holdfast::object(counter), 3).get()) == 3);
        CHECK(number(pool.submit(holdfast::eval<holdfast::object>("is_counter"), counter).get()) ==
              1);

        event go;
        auto gate = pool.submit([&go] {
            const holdfast::detach_guard detached;
            go.wait();
        });
        char letters[] = "ab";
        std::string text = "cd";
        auto joined =
            pool.submit(join, letters, std::string_view(text), "e", 7, 1.5, std::vector<int>{1});
        letters[0] = text[0] = 'x';
        go.set();
        gate.get();
        const holdfast::object result = joined.get();
        holdfast::function<std::string(holdfast::object)> str{"builtins", "str"};
        CHECK(str(result) == "abcde71.5[1]");

        const holdfast::cancellation off;
        CHECK(number(pool.submit(off, counter).get()) == 4);
        CHECK(thrown_code<holdfast::python_error>(
                  [&] { pool.submit(holdfast::eval<holdfast::object>("fail")).get(); }) == "HF400");
        CHECK(thrown_code<holdfast::usage_error>([&] { pool.submit(holdfast::object()); }) ==
              "HF408");

        // C++ behind it, and the only reference to it.
        CHECK(number(pool.submit(holdfast::callable("add", [](long a, long b) { return a + b; }),
                                 40, 2)
                         .get()) == 42);
        static_cast<void>(
            pool.submit(counter));  // nobody asks for the result, which ends with the future

        const holdfast::attach_guard attached(python);
        auto waited_for = pool.submit(counter, 10);
        CHECK(number(holdfast::get(waited_for)) == 15);
    }
    CHECK(python.finalize(5s));
}
