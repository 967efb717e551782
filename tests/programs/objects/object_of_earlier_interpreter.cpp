// The next interpreter refuses an object of an earlier one, whose destruction does not affect it.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <chrono>
#include <optional>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    std::optional<holdfast::object> attached_end, detached_end;
    {
        holdfast::interpreter first;
        attached_end = holdfast::eval<holdfast::object>("[object()]");
        detached_end = holdfast::eval<holdfast::object>("[object()]");
        CHECK(first.finalize(std::chrono::seconds(5)));
    }
    holdfast::interpreter second;
    CHECK(thrown_code<holdfast::closed_error>([&] { (void)attached_end->get(); }) == "HF204");
    CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::object copy(*attached_end); }) ==
          "HF204");
    {
        const holdfast::attach_guard attached(second.view());
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::object copy(*attached_end); }) ==
              "HF204");
        attached_end.reset();
    }
    detached_end.reset();
    CHECK(holdfast::eval<int>("sum(range(10))") == 45);
    CHECK(second.finalize(std::chrono::seconds(5)));
}
