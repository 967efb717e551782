// A remote_executor calls a Python callable that is held as an object, elsewhere, and returns an object.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/process.hpp>

#include <chrono>
#include <string>
#include <type_traits>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    using namespace std::chrono_literals;
    holdfast::interpreter python;
    holdfast::exec(
        "import functools, operator, os\n"
        "from concurrent.futures import ProcessPoolExecutor\n");
    {
        holdfast::remote_executor cluster(python, "ProcessPoolExecutor(1)");
        const auto add = holdfast::eval<holdfast::object>("operator.add");
        const holdfast::function<long(holdfast::object)> number{"builtins", "int"};

        auto sum = cluster.submit(add, 40, 2);
        static_assert(std::is_same_v<decltype(sum), std::future<holdfast::object>>);
        CHECK(number(sum.get()) == 42);
        const holdfast::cancellation off;
        CHECK(number(cluster
                         .submit(off,
                                 holdfast::eval<holdfast::object>("functools.partial(int, base=2)"),
                                 "101")
                         .get()) == 5);
        CHECK(number(cluster.submit(holdfast::eval<holdfast::object>("os.getpid")).get()) !=
              holdfast::detail::process_number());

        auto failed = cluster.submit(add, 1, "text");
        CHECK_THROWS(holdfast::python_error, failed.get());
        CHECK(thrown_code<holdfast::conversion_error>([&] {
                  cluster.submit(holdfast::eval<holdfast::object>("lambda: 1"));
              }) == "HF340");
        CHECK(thrown_code<holdfast::usage_error>([&] { cluster.submit(holdfast::object()); }) ==
              "HF408");
    }
    CHECK(python.finalize(20s));
}
