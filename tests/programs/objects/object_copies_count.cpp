// Copies count exactly, whether the copying thread is attached or not; moves do not count.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"

namespace {

long count_of(const holdfast::object &object) {
    const holdfast::attach_guard attached;
    return static_cast<long>(Py_REFCNT(object.get()));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    auto original = holdfast::eval<holdfast::object>("object()");
    const long alone = count_of(original);
    std::thread([&] {
        std::vector<holdfast::object> copies(100, original);
        CHECK(!holdfast::attached());
        CHECK(count_of(original) == alone + 100);
        const std::vector<holdfast::object> moved = std::move(copies);
        CHECK(count_of(original) == alone + 100);
        const holdfast::attach_guard attached;
        const holdfast::object one(original), borrowed = holdfast::object::borrow(original.get());
        CHECK(count_of(original) == alone + 102);
    }).join();
    CHECK(count_of(original) == alone);
    {
        holdfast::object one(original);
        holdfast::object other(std::move(one));
        CHECK(!one && other);
        CHECK(count_of(original) == alone + 1);
        one = std::move(other);
        CHECK(one && !other);
        CHECK(count_of(original) == alone + 1);
    }
    CHECK(count_of(original) == alone);

    holdfast::object *const same = &original;
    original = *same;
    CHECK(count_of(original) == alone);
    const holdfast::object empty, copy_of_empty(empty);
    CHECK(!copy_of_empty && copy_of_empty.get() == nullptr);
}
