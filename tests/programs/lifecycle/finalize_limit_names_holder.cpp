// If the limit passes, the report names the threads inside, with name, line and Python stack; Python stays usable.
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <chrono>
#include <new>
#include <string>
#include <thread>

#include "block_function.hpp"
#include "check.hpp"
#include "contains.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        block_function::add();
        // The report takes it to show stacks; on a busy machine its first import may take longer than
        // the report waits.
        run_python("import traceback\ndef decode_frame():\n    block()\n    return 7\n");
    }
    std::uint64_t system_id = 0;
    unsigned line = 0;
    std::thread worker([&] {
        holdfast::detail::set_thread_name("decoder-1");
        system_id = holdfast::detail::this_thread_native_id();
        line = __LINE__ + 1;
        const holdfast::attach_guard attached(python.view());
        CHECK(number_of_python("decode_frame()") == 7);
    });
    block_function::inside.wait();
    const auto begun = std::chrono::steady_clock::now();
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report && !report.finalized);
    CHECK(std::chrono::steady_clock::now() >= begun + std::chrono::milliseconds(100));
    CHECK(report.still_inside.size() == 1);
    const holdfast::attached_thread &found = report.still_inside.front();
    CHECK(found.native_id == system_id);
    CHECK(found.name == "decoder-1");
    CHECK(found.since <= begun + std::chrono::milliseconds(100));
    CHECK(contains(found.where, "finalize_limit_names_holder.cpp:" + std::to_string(line)));
    CHECK(contains(found.python_stack, "decode_frame"));
    CHECK(found.inside_for && *found.inside_for >= std::chrono::milliseconds(90));
    CHECK(contains(report.text(), "decoder-1"));
    CHECK(contains(report.text(), ", for " + std::to_string(found.inside_for->count()) + " ms\n") ||
          found.inside_for->count() >= 1000);

    CHECK(!holdfast::attach_guard(python.view(), std::nothrow));  // closed it stays
    block_function::go.set();
    CHECK(python.finalize(std::chrono::seconds(10)));  // and going on is calling again
    worker.join();
}
