// call_once() runs its function once for many threads, again if it threw, and never waits for its own thread.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <stdexcept>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

namespace {

holdfast::once_flag at_namespace_scope;  // constant-initialised

}  // namespace

int main() {
    holdfast::interpreter python;
    for (int round = 0; round < 50; ++round) {
        holdfast::once_flag flag;
        int runs = 0, attempts = 0;
        std::vector<std::thread> threads;
        for (int id = 0; id < 8; ++id)
            threads.emplace_back([&, id] {
                const auto initialise = [&] {
                    CHECK(holdfast::attached() == (id % 2 == 0));
                    if (++attempts < 3)
                        throw std::runtime_error("not yet");
                    holdfast::eval<int>("sum(range(50))");
                    ++runs;
                };
                for (bool done = false; !done;) {
                    try {
                        if (id % 2 == 0) {
                            const holdfast::attach_guard attached;
                            holdfast::call_once(flag, initialise);
                        } else {
                            holdfast::call_once(flag, initialise);
                        }
                        done = true;
                    } catch (const std::runtime_error &error) {
                        CHECK(std::string(error.what()) == "not yet");
                    }
                }
                CHECK(runs == 1);
            });
        for (std::thread &thread : threads)
            thread.join();
        CHECK(runs == 1 && attempts == 3);
    }

    CHECK(thrown_code<holdfast::usage_error>([] {
              holdfast::call_once(at_namespace_scope,
                                  [] { holdfast::call_once(at_namespace_scope, [] {}); });
          }) == "HF221");
    int ran = 0;
    holdfast::call_once(at_namespace_scope, [&] { ++ran; });
    holdfast::call_once(at_namespace_scope, [&] { ++ran; });
    CHECK(ran == 1);
}
