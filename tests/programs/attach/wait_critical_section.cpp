// holdfast::critical_section lets only one thread at a time use one object, or two objects in any order.
#include <holdfast/holdfast.hpp>
#include <holdfast/objects/critical_section.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

namespace {

constexpr int rounds = 2000;
std::atomic<int> inside{0};

/// Gives the other threads a chance to enter.
void alone_for_a_moment() {
    CHECK(inside.fetch_add(1, std::memory_order_relaxed) == 0);
    std::this_thread::yield();
    CHECK(inside.fetch_sub(1, std::memory_order_relaxed) == 1);
}

template <class Work>
void together(Work work) {
    std::vector<std::thread> threads;
    for (int id = 0; id < 4; ++id)
        threads.emplace_back([&, id] {
            const holdfast::attach_guard attached;
            for (int i = 0; i < rounds; ++i)
                work(id);
        });
    for (std::thread &thread : threads)
        thread.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const auto one = holdfast::eval<holdfast::object>("[]");
    const auto other = holdfast::eval<holdfast::object>("[]");

    together([&](int) {
        const holdfast::critical_section section(one);
        alone_for_a_moment();
    });
    together([&](int id) {
        const holdfast::critical_section section(id % 2 == 0 ? one : other,
                                                 id % 2 == 0 ? other : one);
        alone_for_a_moment();
    });
    together(
        [&](int id) {  // one within the other, and in two orders: suspended rather than deadlocked
            const holdfast::critical_section outer(id % 2 == 0 ? one : other);
            const holdfast::critical_section inner(id % 2 == 0 ? other : one);
        });
    together([&](int) {
        const holdfast::critical_section section(one, one);  // an object's lock is taken once
        alone_for_a_moment();
    });
    {
        const holdfast::attach_guard attached;
        const holdfast::critical_section nothing{holdfast::object(), holdfast::object()};
        const holdfast::critical_section section(one.get(), nullptr);
        PyObject *const item = PyLong_FromLong(1);
        CHECK(PyList_Append(one.get(), item) == 0);  // CPython takes the same lock
        Py_DECREF(item);
    }
    CHECK(thrown_code<holdfast::usage_error>([&] { holdfast::critical_section section(one); }) ==
          "HF216");
}
