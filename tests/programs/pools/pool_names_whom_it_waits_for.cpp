// A pool's destructor that waits names the threads on stderr (HF311), for both kinds of pool.
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

namespace {

/// stderr of this process as a pipe, from construction to destruction.
class read_stderr {
public:
    read_stderr() {
        int ends[2];
        CHECK(pipe(ends) == 0);
        reading_ = ends[0];
        before_ = dup(STDERR_FILENO);
        CHECK(dup2(ends[1], STDERR_FILENO) >= 0);
        close(ends[1]);
    }
    read_stderr(const read_stderr &) = delete;
    read_stderr &operator=(const read_stderr &) = delete;
    ~read_stderr() {
        dup2(before_, STDERR_FILENO);
        close(before_);
        close(reading_);
    }

    /// Waits until `wanted` has been written.
    std::string until(const std::string &wanted) {
        std::string text;
        char buffer[256];
        while (text.find(wanted) == std::string::npos) {
            const ssize_t got = read(reading_, buffer, sizeof buffer);
            CHECK(got > 0);
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }

private:
    int reading_ = -1;
    int before_ = -1;
};

template <class Pool, class Config>
void destroyed_at_work(const holdfast::interpreter &python, Config config) {
    config.threads = 1;
    config.name = "scoring";
    std::optional<Pool> pool(std::in_place, python, config);
    event begun;
    event go;
    auto slow = pool->submit([&] {
        const holdfast::detach_guard detached;
        begun.set();
        go.wait();
    });
    auto next = pool->submit([] { return 7; });
    begun.wait();
    std::string text;
    {
        read_stderr said;
        std::thread destroyer([&pool] { pool.reset(); });
        text = said.until("at a task for");
        go.set();
        destroyer.join();
    }
    CHECK(contains(text, "HF311 the destructor of pool 'scoring' waits; 1 tasks are waiting"));
    CHECK(contains(text, "'scoring-0', at a task for"));
    slow.get();
    CHECK(next.get() == 7);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    destroyed_at_work<holdfast::executor>(python, holdfast::executor_config{});
    destroyed_at_work<holdfast::subinterpreter_pool>(python,
                                                     holdfast::subinterpreter_pool_config{});
    CHECK(python.finalize(std::chrono::seconds(10)));
}
