// get() of a future waits detached, and returns a value, a reference or nothing, or throws the exception.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

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

    std::promise<int> shared, lone, shared_lone;
    std::promise<int &> lone_reference;
    std::promise<std::unique_ptr<int>> lone_pointer;
    std::thread other([&] {
        holdfast::exec("x = 2");
        shared.set_value(8);
        lone.set_value(9);
        shared_lone.set_value(10);
        lone_reference.set_value(target);
        lone_pointer.set_value(std::make_unique<int>(11));
    });
    const std::shared_future<int> e = shared.get_future().share();
    CHECK(holdfast::get(e) == 8 && holdfast::get(e) == 8);
    CHECK(holdfast::get(lone.get_future()) == 9);  // a future without a name
    CHECK(holdfast::get(shared_lone.get_future().share()) == 10);
    CHECK(&holdfast::get(lone_reference.get_future()) == &target);
    CHECK(*holdfast::get(lone_pointer.get_future()) == 11);
    holdfast::join(other);
}
