// The file of a trace is written while threads come and go, more than there are tracks, so that most get one that has been
// another's.
#include <holdfast/trace/thread_track.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

#include "stress.hpp"

using holdfast::detail::recorder;
using holdfast::detail::thread_track;
using holdfast::detail::track_page;

namespace {

void record_one(recorder &file) {
    track_page *const page = file.take_track();
    MUST(page != nullptr);
    thread_track own(file, *page, 1, 2);
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
    for (unsigned i = 0; i < 2 * recorder::most_tracks; ++i)
        std::thread([file] { record_one(*file); }).join();
    done.store(true, std::memory_order_relaxed);
    writer.join();
    MUST(file->header().tracks_reused.load() == recorder::most_tracks);
    unlink(path.c_str());
    rmdir(folder);
}
