// A pool accepts what std::async() accepts: members, pointers, references, literals; borrowed text is copied.
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/subinterpreter_pool.hpp>

#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "check.hpp"
#include "event.hpp"
#include "thrown_text.hpp"

namespace {

using namespace std::chrono_literals;

struct worker {
    int base = 40;
    int run(int more) { return base += more; }
    [[nodiscard]] int look() const { return base; }
};

/// A result whose copy fails, with no move to do instead.
struct uncopyable_today {
    uncopyable_today() = default;
    uncopyable_today(const uncopyable_today &) { throw std::runtime_error("no copy today"); }
};

std::size_t length(const char *text) { return std::strlen(text); }
std::size_t sum_of(const char *data, std::size_t size) {
    return size == 0 ? 0 : static_cast<unsigned char>(data[size - 1]);
}
void fill(char *to) { std::strcpy(to, "filled"); }
std::string join(std::string_view first, const char *second) { return std::string(first) + second; }
std::string both(const std::string &first, std::string_view second) {
    return first + std::string(second);
}
int twice(int number) { return 2 * number; }
int apply(int (*what)(int), int number) { return what(number); }

template <class Pool>
void everything(Pool &pool) {
    worker one;
    const worker two;
    CHECK(pool.submit(&worker::run, &one, 2).get() == 42);
    CHECK(pool.submit(&worker::run, std::ref(one), 1).get() == 43);
    CHECK(pool.submit(&worker::look, &two).get() == 40);
    CHECK(pool.submit(&worker::base, &one).get() == 43);
    CHECK(pool.submit(&worker::run, std::make_shared<worker>(), 1).get() == 41);
    CHECK(pool.submit(&worker::run, std::make_unique<worker>(), 1).get() == 41);

    int number = 1;
    CHECK(pool.submit([](int *shared) { return ++*shared; }, &number).get() == 2 && number == 2);
    CHECK(pool.submit([](int *shared) { return shared; }, &number).get() == &number);
    CHECK(pool.submit([](const void *somewhere) { return somewhere; },
                      static_cast<const void *>(&number))
              .get() == &number);
    CHECK(pool.submit([](std::nullptr_t) { return 1; }, nullptr).get() == 1);
    CHECK(pool.submit(apply, twice, 4).get() == 8);
    CHECK(pool.submit(apply, &twice, 4).get() == 8);

    auto lost = pool.submit([] { return uncopyable_today(); });
    CHECK(thrown_text<std::runtime_error>([&] { lost.get(); }) == "no copy today");

    CHECK(pool.submit(length, "four").get() == 4);
    CHECK(pool.submit([](const char *text) { return std::string(text); }, "text").get() == "text");
    const char binary[] = {'a', '\0', 'c'};  // not text, and without an end
    CHECK(pool.submit(sum_of, binary, sizeof binary).get() == 'c');
    char buffer[16] = "";
    pool.submit(fill, buffer).get();
    CHECK(std::string(buffer) == "filled");
}

template <class Pool>
void text_that_only_points_is_copied(Pool &pool, event &go) {
    char first[] = "ab", second[] = "cd";
    std::string third = "ef";
    auto of_both = pool.submit(both, first, std::string_view(third));
    auto of_one =
        pool.submit(join, second, "!");  // the first argument as text, the second as it is
    auto of_any = pool.submit([](auto text) { return text + "?"; }, first);
    first[0] = second[0] = third[0] = 'x';
    go.set();
    CHECK(of_both.get() == "abef");
    CHECK(of_one.get() == "cd!");
    CHECK(of_any.get() == "ab?");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        holdfast::executor pool(python, 1);
        everything(pool);
        event go;
        auto gate = pool.submit([&go] {
            const holdfast::detach_guard detached;
            go.wait();
        });
        text_that_only_points_is_copied(pool, go);
        gate.get();
    }
    {
        holdfast::subinterpreter_pool_config config;
        config.threads = 1;
        holdfast::subinterpreter_pool pool(python, config);
        everything(pool);
        event go;
        text_that_only_points_is_copied(pool, go);
    }
    CHECK(python.finalize(5s));
}
