// A shared library that includes holdfast with hidden visibility, for two_libraries.cpp.

#include <holdfast/process/shared_records.hpp>

using namespace holdfast::detail;

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {
std::atomic<int> threads_ended{0};
void count_end(thread_record &) noexcept { threads_ended.fetch_add(1); }
}  // namespace

EXPORTED void *library_process() { return &process(); }

EXPORTED void library_join(void *theirs) { join_process(*static_cast<process_record *>(theirs)); }

EXPORTED void library_watch_threads() { process().on_thread_exit.store(&count_end); }

EXPORTED void library_touch() { this_thread(); }

EXPORTED int library_threads_ended() { return threads_ended.load(); }
