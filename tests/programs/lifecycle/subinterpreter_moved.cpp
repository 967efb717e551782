// A sub-interpreter ends once, with the object that holds it after moves; a moved-from object holds nothing.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

namespace {

using std::chrono::seconds;

void use(const holdfast::interpreter_view &view) {
    std::thread([&] {
        const holdfast::attach_guard attached(view);
        holdfast::exec("x = 1");
    }).join();
}

void holds_nothing(holdfast::subinterpreter &empty) {
    CHECK(!empty.view().alive() && empty.view() == holdfast::interpreter_view());
    CHECK(thrown_code<holdfast::usage_error>([&] { empty.finalize(seconds(1)); }) == "HF250");
    CHECK(thrown_code<holdfast::usage_error>([&] { empty.reopen(); }) == "HF250");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::subinterpreter first(python);
    const holdfast::interpreter_view view = first.view();
    holdfast::subinterpreter second(std::move(first));
    holds_nothing(first);
    CHECK(second.view() == view);
    use(view);

    std::vector<holdfast::subinterpreter> many;  // moves them as it grows
    for (int i = 0; i < 3; ++i)
        many.emplace_back(python);
    many.push_back(std::move(second));
    holds_nothing(second);
    for (const holdfast::subinterpreter &one : many)
        use(one.view());

    first = std::move(many.back());
    many.pop_back();
    CHECK(view.alive());
    first = std::move(many.front());  // what it held ends here, once
    CHECK(!view.alive());
    use(first.view());
    CHECK(first.finalize(seconds(10)));
    CHECK(first.finalize(seconds(10)));
    many.clear();
    CHECK(python.finalize(seconds(10)));

    holdfast::interpreter again;
    holdfast::subinterpreter outlives(again);
    holdfast::subinterpreter moved(std::move(outlives));
    CHECK(again.finalize(seconds(10)));  // ends the one that was moved, too
    CHECK(!moved.view().alive());
}
