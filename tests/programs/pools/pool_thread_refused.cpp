// If a pool's k-th thread cannot be started, the constructor throws std::system_error and leaves no thread, for all k.
#include <holdfast/holdfast.hpp>

#include <system_error>
#include <thread>

#include "check.hpp"
#include "few_threads.hpp"
#include "threads_there.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int wanted = 4;

/// None but the first: the kernel lists a joined thread for a moment.
void wait_for_the_others_to_go() {
    while (threads_there() != 1)
        std::this_thread::yield();
}

template <class Make>
void refused_for_every_thread(int threads, const Make &make) {
    for (int given = 0; given < threads; ++given) {
        threads_to_give = given;
        CHECK_THROWS(std::system_error, make());
        threads_to_give = any_number;
        wait_for_the_others_to_go();
    }
    make();
    wait_for_the_others_to_go();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    refused_for_every_thread(wanted, [&] {
        holdfast::executor pool(python, wanted);
        CHECK(pool.submit([] { return 7; }).get() == 7);
    });
    refused_for_every_thread(wanted, [&] {
        holdfast::subinterpreter_pool pool(python, wanted);
        CHECK(pool.submit([] { return holdfast::eval<int>("3 + 4"); }).get() == 7);
    });
    holdfast::exec(
        "import concurrent.futures, threading\n"
        "class Engine(concurrent.futures.Executor):\n"
        "    def submit(self, f, *args):\n"
        "        raise NotImplementedError\n");
    refused_for_every_thread(1,
                             [&] { const holdfast::remote_executor engine(python, "Engine()"); });
    CHECK(python.finalize(5s));
}
