// If the trace file or the counters' page is truncated, the host continues and repairs the file.
#include <holdfast/holdfast.hpp>
#include <holdfast/watch/counters.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "scratch_folder.hpp"

namespace {

using namespace std::chrono_literals;

off_t size_of(const std::string &path) {
    struct stat now{};
    return stat(path.c_str(), &now) == 0 ? now.st_size : -1;
}

void attach_often(const holdfast::interpreter &python) {
    std::thread([&] {  // a track, names and notes of its own
        for (int i = 0; i < 20000; ++i)
            const holdfast::attach_guard attached(python);
    })
        .join();
}

void host(const holdfast::interpreter_config &config, const std::string &path) {
    holdfast::interpreter python(config);
    attach_often(python);
    const off_t whole = size_of(path);
    CHECK(whole > 4096);
    for (const off_t cut : {0, 100, 5000}) {
        CHECK(truncate(path.c_str(), cut) == 0);
        attach_often(python);
        holdfast::mutex lock;
        const std::lock_guard<holdfast::mutex> held(lock);
        while (size_of(path) < whole)  // until it has been written again
            std::this_thread::yield();
    }
    CHECK(holdfast::read_counters().attaches >= 20000);
    CHECK(truncate(path.c_str(), 0) == 0);
    CHECK(python.finalize(5s));
    CHECK(size_of(path) >= whole);
    char magic[8] = "";
    std::FILE *const file = std::fopen(path.c_str(), "rb");
    CHECK(std::fread(magic, 1, 8, file) == 8 && std::string(magic, 8) == "holdfast");
    std::fclose(file);
}

template <class Work>
void in_a_child(const Work &work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        std::exit(0);
    }
    CHECK(status_of(child) == 0);
}

}  // namespace

int main() {
    const scratch_folder folder;
    const std::string trace = (folder.path() / "run.trace").string();
    in_a_child([&] {
        holdfast::interpreter_config config;
        config.trace = trace;
        host(config, trace);
    });
    in_a_child([] {
        holdfast::interpreter_config config;
        config.watchdog = 1h;
        host(config, holdfast::detail::page_path(static_cast<std::uint64_t>(getpid())));
    });
}
