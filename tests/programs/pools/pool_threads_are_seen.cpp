// faulthandler, sys._current_frames() and threading show a pool's threads by name while they work.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"

namespace {

/// Two threads are within Python code that waits; the third looks at them.
template <class Pool>
void look_at(Pool &pool, const std::string &file) {
    std::vector<std::future<void>> waiting;
    for (int i = 0; i < 2; ++i)
        waiting.push_back(pool.submit([] { holdfast::exec("wait_in_python()"); }));
    const std::string seen =
        pool.submit([&file] { return holdfast::eval<std::string>("look('" + file + "')"); }).get();
    CHECK(contains(seen, "seen-0"));
    CHECK(contains(seen, "seen-1"));
    CHECK(contains(seen, "seen-2"));
    CHECK(contains(seen, "wait_in_python wait_in_python"));
    std::ifstream opened(file);
    const std::string dumped{std::istreambuf_iterator<char>(opened), {}};
    const std::size_t first = dumped.find("in wait_in_python");
    CHECK(first != std::string::npos);
    CHECK(dumped.find("in wait_in_python", first + 1) != std::string::npos);
    CHECK(contains(dumped, "in look"));
    for (auto &task : waiting)
        task.get();
}

const char *const functions =
    "import faulthandler, sys, threading\n"
    "inside = threading.Semaphore(0)\n"
    "go = threading.Event()\n"
    "def wait_in_python():\n"
    "    inside.release()\n"
    "    go.wait()\n"
    "def look(file):\n"
    "    inside.acquire(); inside.acquire()\n"
    "    names = {thread.ident: thread.name for thread in threading.enumerate()}\n"
    "    tops = []\n"
    "    for ident, frame in sys._current_frames().items():\n"
    "        while frame is not None:\n"
    "            if frame.f_code.co_name == 'wait_in_python':\n"
    "                assert names[ident].startswith('seen-'), names\n"
    "                tops.append(frame.f_code.co_name)\n"
    "            frame = frame.f_back\n"
    "    with open(file, 'w') as out:\n"
    "        faulthandler.dump_traceback(out, all_threads=True)\n"
    "    go.set()\n"
    "    return ' '.join([*sorted(names.values()), *tops])\n";

}  // namespace

int main() {
    const scratch_folder folder;
    holdfast::interpreter python;
    holdfast::exec(functions);
    holdfast::executor_config config;
    config.threads = 3;
    config.name = "seen";
    {
        holdfast::executor pool(python, config);
        look_at(pool, (folder.path() / "dump.txt").generic_string());
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
