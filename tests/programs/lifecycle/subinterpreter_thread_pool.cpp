// A concurrent.futures pool in a sub-interpreter ends without a shutdown, even if daemon threads are not allowed.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

namespace {

/// \param code  submits what keeps the pool's worker from ending until the pool is told to.
void end_with_pool(holdfast::interpreter &python, bool shared_gil,
                   std::chrono::milliseconds limit) {
    holdfast::subinterpreter_config config;
    config.shared_gil = shared_gil;
    holdfast::subinterpreter sub(python, config);
    {
        const holdfast::attach_guard attached(sub.view());
        run_python(
            "import concurrent.futures, threading\n"
            "pool = concurrent.futures.ThreadPoolExecutor(1)\n"
            "done = pool.submit(int, '1').result()");
    }
    const holdfast::finalize_report report = sub.finalize(limit);
    CHECK(report && report.left_behind.empty());
}

}  // namespace

int main() {
    using namespace std::chrono_literals;
    holdfast::interpreter python;
    end_with_pool(python, true, 15s);
    end_with_pool(python, false, 15s);
    CHECK(python.finalize(15s));
}
