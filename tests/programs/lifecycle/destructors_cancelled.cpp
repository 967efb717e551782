// pthread_cancel() of a thread whose destructor waits takes effect afterwards, and the destructor comes to its end.
// deadline: 60
#include <holdfast/calls/handle.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/pools/remote_executor.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"
#include "event.hpp"
#include "run_python.hpp"

using namespace std::chrono_literals;

namespace {

void in_subinterpreter(holdfast::interpreter &python) {
    bool has_ended = false;
    on_cancelled_thread([&] {
        std::optional<holdfast::subinterpreter> sub(std::in_place, python);
        const holdfast::interpreter_view view = *sub;
        event inside;
        std::thread other([&] {
            const holdfast::attach_guard attached(view);
            const holdfast::detach_guard detached;
            inside.set();
            while (view.reason() == holdfast::closed_reason::none)
                std::this_thread::yield();
        });
        inside.wait();
        CHECK(pthread_cancel(pthread_self()) == 0);
        sub.reset();
        has_ended = view.reason() == holdfast::closed_reason::finalized;
        int before = 0;
        CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
        other.join();
        CHECK(pthread_setcancelstate(before, nullptr) == 0);
    });
    CHECK(has_ended);
}

template <class Pool, class... Args>
void in_pool(const Args &...args) {
    bool has_ended = false;
    on_cancelled_thread([&] {
        std::optional<Pool> pool(std::in_place, args...);
        CHECK(pthread_cancel(pthread_self()) == 0);
        pool.reset();
        has_ended = true;
    });
    CHECK(has_ended);
}

void in_with_block(holdfast::interpreter &python) {
    std::optional<holdfast::object> manager;
    {
        const holdfast::attach_guard attached(python);
        run_python(
            "import time\n"
            "class Manager:\n"
            "    left = 0\n"
            "    def __enter__(self): return self\n"
            "    def __exit__(self, *why):\n"
            "        time.sleep(0.01)\n"
            "        Manager.left += 1\n");
        manager = holdfast::eval<holdfast::object>("Manager()");
    }
    on_cancelled_thread([&] {
        const holdfast::entered<holdfast::object> inside(*manager);
        CHECK(pthread_cancel(pthread_self()) == 0);
    });
    CHECK(holdfast::eval<int>("Manager.left") == 1);
}

}  // namespace

int main() {
    {
        holdfast::interpreter python;
        in_subinterpreter(python);
        in_pool<holdfast::executor>(python);
        holdfast::exec("from concurrent.futures import ThreadPoolExecutor");
        in_pool<holdfast::remote_executor>(python, "ThreadPoolExecutor(1)");
        in_with_block(python);
        CHECK(python.finalize(30s));
    }
    bool has_ended = false;
    on_cancelled_thread([&] {
        std::optional<holdfast::interpreter> python(std::in_place);
        CHECK(pthread_cancel(pthread_self()) == 0);
        python.reset();
        has_ended = Py_IsInitialized() == 0;
    });
    CHECK(has_ended);
}
