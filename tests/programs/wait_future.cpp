// get() of a future waits detached, and hands over value, reference, nothing, or the exception.
#include <holdfast/interpreter.hpp>
#include <holdfast/lock.hpp>
#include <holdfast/run.hpp>

#include <future>
#include <memory>
#include <thread>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    int target = 5;
    std::promise<std::unique_ptr<int>> value;
    std::promise<int &> reference;
    std::promise<void> nothing, failed;
    std::thread worker([&] {
        holdfast::exec("x = 1");  // needs the GIL that the waiting thread gives up
        value.set_value(std::make_unique<int>(7));
        reference.set_value(target);
        nothing.set_value();
        try {
            holdfast::exec("raise KeyError('k')");
        } catch (...) {
            failed.set_exception(std::current_exception());
        }
    });
    auto a = value.get_future();
    auto b = reference.get_future();
    auto c = nothing.get_future();
    std::shared_future<void> d = failed.get_future();
    CHECK(*holdfast::get(a) == 7);
    CHECK(holdfast::attached());
    CHECK(&holdfast::get(b) == &target);
    holdfast::get<void>(c);
    CHECK_THROWS(holdfast::python_error, holdfast::get(d));
    CHECK_THROWS(holdfast::python_error, holdfast::get(d));
    CHECK(holdfast::attached());
    holdfast::join(worker);
}
