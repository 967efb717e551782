// The file of a trace is written while threads come and go, more than there are lanes, so that most get one that has been
// another's.
#include <holdfast/trace/thread_track.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

#include "stress.hpp"

using holdfast::detail::lane;
using holdfast::detail::lane_page;
using holdfast::detail::recorder;

namespace {

void record_one(recorder &file) {
    lane_page *const page = file.take_lane();
    MUST(page != nullptr);
    lane own(file, *page, 1, 2);
    own.begin_wait(0, 1);
    own.begin_hold(nullptr);
    own.record_hold(own.end_hold(), 0);
    own.end();
}

}  // namespace

int main() {
    char folder[] = "/tmp/holdfast-lanes-XXXXXX";
    MUST(mkdtemp(folder) != nullptr);
    const std::string path = std::string(folder) + "/trace";
    std::string why;
    recorder *const file = recorder::create(path.c_str(), {64, 16, 4096, 4096}, why);
    MUST(file != nullptr);
    std::atomic<bool> done{false};
    std::thread writer([&] {
        while (!done.load(std::memory_order_relaxed))
            file->write_out();
    });
    for (unsigned i = 0; i < 2 * recorder::most_lanes; ++i)
        std::thread([file] { record_one(*file); }).join();
    done.store(true, std::memory_order_relaxed);
    writer.join();
    MUST(file->header().lanes_reused.load() == recorder::most_lanes);
    unlink(path.c_str());
    rmdir(folder);
}
