// holdfast/isolated/worker_output.hpp: passes what workers print and log to the host, line by line.
//
// A worker's standard output and error are pipes then. A log record comes through the latter: a line
// that begins with a zero byte, and has the level, the logger and the thread, each followed by
// another one.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <holdfast/output/output_line.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/event_queue.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/pipe.hpp>

namespace holdfast::detail {

/// Splits what arrives into lines.
class line_splitter {
public:
    /// A longer line becomes several.
    static constexpr std::size_t longest = 65536;

    template <class Give>
    void add(std::string_view text, Give &&give) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            const std::size_t size = end == std::string_view::npos ? text.size() : end;
            const std::size_t room = longest - rest_.size();
            rest_.append(text.substr(0, size < room ? size : room));
            if (size > room) {
                text.remove_prefix(room);
                finish(give);
            } else {
                text.remove_prefix(size);
                if (end == std::string_view::npos)
                    return;
                text.remove_prefix(1);
                give(std::string_view(rest_));
                rest_.clear();
            }
        }
    }
    /// Nothing will follow: gives the last line, if it has no newline.
    template <class Give>
    void finish(Give &&give) {
        if (!rest_.empty())
            give(std::string_view(rest_));
        rest_.clear();
    }

private:
    std::string rest_;
};

/// What one worker writes.
struct worker_output {
    std::uint64_t id = 0;
    std::string name;  // guarded by the mutex of its output_reader
    std::array<pipe_reader, 2> pipes;
    std::array<line_splitter, 2> lines;

    /// False: there are none. The worker gets the other ends.
    [[nodiscard]] bool make_pipes(file_handle &output, file_handle &errors);
};

/// Reads what workers write, and passes it on.
///
/// Owns:       a thread, which calls the sink.
/// Threads:    any; its own thread reads.
/// Lock order: `mutex_` is a leaf, and not held while the sink runs.
class output_reader {
public:
    using sink = std::function<void(const output_line &)>;

    /// \throws std::system_error  no descriptors, or no thread.
    explicit output_reader(sink to);
    output_reader(const output_reader &) = delete;
    output_reader &operator=(const output_reader &) = delete;
    /// Reads what is left.
    ~output_reader();

    /// An error: the system does not report what it writes.
    [[nodiscard]] std::error_code add(const std::shared_ptr<worker_output> &one);
    void rename(worker_output &one, std::string name);
    /// The worker has ended: what is left is read, but nothing that its children may still write.
    void finish(const std::shared_ptr<worker_output> &one);
    [[nodiscard]] bool is_this_thread() const noexcept {
        return thread_.get_id() == std::this_thread::get_id();
    }
    /// After a fork, in the child.
    void forget();

private:
    void run();
    [[nodiscard]] bool begin_round(std::vector<std::shared_ptr<worker_output>> &ended);
    [[nodiscard]] std::shared_ptr<worker_output> find(std::uint64_t id);
    bool read(worker_output &one, std::size_t which);
    void give(worker_output &one, std::size_t which, std::string_view line);

    const sink sink_;
    event_queue arrives_;
    std::mutex mutex_;  // guards all below
    std::map<std::uint64_t, std::shared_ptr<worker_output>> all_;
    std::vector<std::shared_ptr<worker_output>> ended_;
    std::uint64_t last_id_ = 0;
    bool ends_ = false;
    std::thread thread_;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/worker_output.ipp>
#endif
