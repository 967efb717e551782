// Python from a thread pool of the program's own.
#include "scoring.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace {

/// A typical hand-written pool. It does not know Python.
class thread_pool {
public:
    explicit thread_pool(unsigned count) {
        for (unsigned i = 0; i < count; ++i)
            threads_.emplace_back([this] { work(); });
    }
    thread_pool(const thread_pool &) = delete;
    thread_pool &operator=(const thread_pool &) = delete;
    ~thread_pool() {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        for (std::thread &thread : threads_)
            thread.join();
    }

    void post(std::function<void()> task) {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            tasks_.push_back(std::move(task));
        }
        changed_.notify_one();
    }

private:
    void work() {
        for (;;) {
            std::unique_lock<std::mutex> hold(mutex_);
            changed_.wait(hold, [this] { return ending_ || !tasks_.empty(); });
            if (tasks_.empty())
                return;
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            hold.unlock();
            task();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;  // guarded by mutex_
    bool ending_ = false;                      // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace

int main() {
    thread_pool pool(4);  // starts before Python, and ends after it
    holdfast::interpreter python;
    define_score();
    const std::vector<std::string> texts = make_texts();

    std::atomic<std::int64_t> sum{0};
    std::atomic<std::size_t> refused{0};
    const auto add = [&](const std::string &text) {
        try {
            sum += score(text);
        } catch (const holdfast::closed_error &) {
            ++refused;
        }
    };
    std::mutex mutex;
    std::condition_variable all_done;
    std::size_t done = 0;
    for (const std::string &text : texts)
        pool.post([&] {
            add(text);
            const std::lock_guard<std::mutex> hold(mutex);
            ++done;
            all_done.notify_all();
        });
    {
        std::unique_lock<std::mutex> hold(mutex);
        all_done.wait(hold, [&] { return done == texts.size(); });
    }
    std::printf("%lld\n", static_cast<long long>(sum.load()));

    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
    std::printf("%s", report.text().c_str());

    std::promise<void> told;
    pool.post([&] {
        add("a task that comes late");
        told.set_value();
    });
    told.get_future().wait();
    std::printf("%zu refused\n", refused.load());
    return report ? 0 : 1;
}
