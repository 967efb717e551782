// The garbage collector frees a cycle through a callable that knows which objects it keeps.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "check.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::object;

int living = 0;

/// Counts the C++ functions that Python has.
struct counted {
    counted() { ++living; }
    counted(const counted &) { ++living; }
    counted(counted &&) noexcept { ++living; }
    counted &operator=(const counted &) = delete;
    ~counted() { --living; }
};

object model() { return holdfast::eval<object>("Model()"); }

void set_callback(const object &owner, const object &callback) {
    const holdfast::function<void(object, std::string, object)> set{"builtins", "setattr"};
    set(owner, "callback", callback);
}

/// The number of models that still exist after a collection.
int models() { return holdfast::eval<int>("(gc.collect(), len(alive))[1]"); }

void prepare() {
    holdfast::exec(
        "import gc, weakref\n"
        "alive = weakref.WeakSet()\n"
        "class Model:\n"
        "    def __init__(self):\n"
        "        self.level = 0\n"
        "        alive.add(self)\n");
}

void a_circle_of_one() {
    {
        const object owner = model();
        set_callback(owner, holdfast::callable(
                                "raise_level",
                                [own = counted()](const object &self, int by) {
                                    const holdfast::function<void(object, std::string, int)> set{
                                        "builtins", "setattr"};
                                    set(self, "level",
                                        holdfast::function<int(object, std::string)>{
                                            "builtins", "getattr"}(self, "level") +
                                            by);
                                    return by;
                                },
                                owner));
        CHECK(owner.attr("callback").call<int>(3) == 3);
        CHECK(owner.attr("callback").call<int>(4) == 4);
        CHECK(holdfast::function<int(object, std::string)>{"builtins", "getattr"}(owner, "level") ==
              7);
        CHECK(models() == 1 && living == 1);  // in use: not collected
    }
    CHECK(models() == 0 && living == 0);
}

void a_circle_of_two_and_a_list() {
    {
        const object one = model();
        const object other = model();
        const object list = holdfast::eval<object>("[]");
        const auto visit = [own = counted()](const object &first, const object &second,
                                             const object &items, int n) {
            CHECK(first && second);
            items.attr("append").call<void>(n);
        };
        set_callback(one, holdfast::callable("first", visit, one, other, list));
        set_callback(other, holdfast::callable("second", visit, other, one, list));
        one.attr("callback").call<void>(1);
        other.attr("callback").call<void>(2);
        CHECK(list.attr("__len__").call<int>() == 2);
    }
    CHECK(models() == 0 && living == 0);
}

/// The collector cannot see captures, so they are never freed: this is why `kept` exists.
void captured_is_not_seen() {
    {
        const object owner = model();
        set_callback(owner, holdfast::callable("leaks", [owner] {}));
    }
    CHECK(models() == 1);
    holdfast::exec("for one in list(alive): del one.callback\ndel one");  // broken by hand
    CHECK(models() == 0);
}

void refused() {
    const object callback = holdfast::callable("checked", [](const object &, int) {}, model());
    const auto call = [&](auto... given) { callback.call<void>(given...); };
    CHECK(contains(thrown_text<holdfast::error>([&] { call(1, 2); }),
                   "checked() takes 1 arguments (2 given)"));
    CHECK(contains(thrown_text<holdfast::error>([&] { call(std::string("x")); }), "argument 1"));
    CHECK(thrown_code<holdfast::usage_error>([] {
              static_cast<void>(holdfast::callable("none", [](const object &) {}, object()));
          }) == "HF408");
    {
        const holdfast::attach_guard attached;
        PyObject *const holder = PyCFunction_GET_SELF(callback.get());
        CHECK(Py_TYPE(holder)->tp_clear(holder) == 0);  // as the collector does
    }
    CHECK(contains(thrown_text<holdfast::error>([&] { call(1); }), "collected as garbage"));
    CHECK(models() == 0);
}

void everything() {
    prepare();
    a_circle_of_one();
    a_circle_of_two_and_a_list();
    captured_is_not_seen();
    refused();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    everything();
    {
        holdfast::subinterpreter other(python);
        const object of_main = holdfast::eval<object>("[]");
        const holdfast::attach_guard attached(other.view());
        everything();
        CHECK(thrown_code<holdfast::usage_error>([&] {
                  static_cast<void>(holdfast::callable("crosses", [](const object &) {}, of_main));
              }) == "HF408");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK(living == 0);
}
