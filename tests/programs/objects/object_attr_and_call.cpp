// attr() and call() work on attached and detached threads, and throw what Python raises.
#include <holdfast/holdfast.hpp>

#include <string>
#include <thread>

#include "check.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([] {
        const auto text = holdfast::eval<holdfast::object>("'a,b,c'");
        const holdfast::object split = text.attr("split");
        CHECK(!holdfast::attached());
        CHECK(split.call<std::vector<std::string>>(",", 1) == std::vector<std::string>{"a", "b,c"});
        const holdfast::object list = split.call(",");
        const holdfast::attach_guard attached;
        CHECK(PyList_GET_SIZE(list.get()) == 3);
        list.attr("append").call<void>(2.5);
        CHECK(PyList_GET_SIZE(list.get()) == 4);
    }).join();

    const auto number = holdfast::eval<holdfast::object>("5");
    CHECK(thrown_code<holdfast::python_error>([&] { (void)number.attr("nothing"); }) == "HF400");
    CHECK(contains(thrown_text<holdfast::python_error>([&] { number.call(); }),
                   "'int' object is not callable"));
    const auto upper = holdfast::eval<holdfast::object>("str.upper");
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { upper.call<int>("x"); }),
                   "HF403 result of str.upper(): wanted int, found str"));
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { upper.call("\xff"); }),
                   "HF401 str.upper() argument 1: the string is not valid UTF-8 at byte 0"));
    CHECK(thrown_code<holdfast::usage_error>([] { (void)holdfast::object().attr("x"); }) ==
          "HF408");
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::object().call(); }) == "HF408");
}
