// holdfast/isolated/isolated_group.hpp: the queue, the worker processes, and the thread that
// watches them.
//
// Which thread does what. submit() gives a task to an idle worker, or queues it. The watching
// thread starts workers, reads their answers, enforces their limits and notices their ends. call()
// reads its own task's answer: its worker is *taken*: the watching thread does not read from it.
//
// What a worker has begun. Requests stay in its ring until it takes them, one at a time, and it says
// which one it runs before it does. The host can take back those that follow. So when a worker ends,
// they move on. Of the others, it has answered all but one.
//
// When a limit begins. After an answer, a worker takes its next request at once. So a task's time
// begins with the answer before it, or when the task is sent to an idle worker. Nothing that the
// worker says about time is used.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <holdfast/isolated/host_thread.hpp>
#include <holdfast/isolated/isolated_config.hpp>
#include <holdfast/isolated/isolated_counters.hpp>
#include <holdfast/isolated/isolated_task.hpp>
#include <holdfast/isolated/message_ring.hpp>
#include <holdfast/isolated/worker_output.hpp>
#include <holdfast/isolated/worker_process.hpp>
#include <holdfast/platform/event_queue.hpp>
#include <holdfast/pools/worker_group.hpp>
#include <holdfast/trace/worker_track.hpp>

namespace holdfast::detail {

/// One worker process, as the group knows it. Guarded by the group's mutex, except the descriptors
/// of `process`, which do not change once it has started.
struct isolated_worker {
    using time_point = std::chrono::steady_clock::time_point;
    enum class state : unsigned char { starting, ready, ending };
    struct sent {
        std::uint32_t number;
        std::uint32_t position;  // in the ring
        std::shared_ptr<isolated_task> task;
        std::uint32_t chunks = 0;  // that have come
        std::uint32_t read = 0;    // and those that the host has told the worker it has read
        std::uint32_t calls = 0;   // of the host's functions, which have come
        std::uint32_t answered = 0;
        std::uint32_t verdict = 0;  // of the last one

        /// It is the host's turn: the generator is far enough ahead. Not once nobody reads any more:
        /// then it ends, and its limits apply to that.
        [[nodiscard]] bool waits_for_reader() const noexcept {
            return !task->is_over && chunks - read > chunks_ahead;
        }
    };

    worker_process process;
    std::optional<worker_track> track;      // none: nothing is recorded
    std::shared_ptr<worker_output> output;  // null: it writes to the host's
    message_ring ring;
    std::deque<worker_answer> packets;  // received, but the ring has not said that it is their turn
    std::uint32_t last_number = 0;      // of the requests to it
    std::uint64_t id = 0;
    state now = state::starting;
    std::size_t slot = no_slot;   // which worker it is; no_slot: a spare, or starting
    std::deque<sent> in_flight;   // in the order of their numbers; it runs the first
    time_point since{};           // when it began to run the first, to start, or to end
    std::int64_t cpu_before = 0;  // nanoseconds that it had used when it began the first
    time_point cpu_check{};       // when its processor time may have reached the limit
    std::chrono::nanoseconds usual{std::chrono::milliseconds(1)};  // a task's time, averaged
    std::size_t tasks = 0;                                         // all that were sent
    result_memory results;
    bool is_taken = false;  // by a call(), which reads its answers
    bool is_read = false;   // by the watching thread now: a call() must not take it meanwhile
    bool is_interrupted = false;
    bool stack_asked = false;
    bool is_asked = false;              // on_limit has not answered yet
    bool limit_stands = false;          // it has: the task gets no more time
    std::chrono::milliseconds more{0};  // what the task has got beyond the limit
    int excuses = 0;         // how often a limit was put off, because there was an answer to read
    bool is_killed = false;  // by us; its tasks have been dealt with
    std::optional<process_end> end;
    std::atomic<bool> end_seen{false};  // the same, for the thread that has taken it
    std::unordered_map<std::uint32_t, std::unique_ptr<segment>> lent;

    static constexpr std::size_t no_slot = static_cast<std::size_t>(-1);
};

/// The state of an isolated_executor.
///
/// Threads:    any; but only the watching thread calls watch().
/// Lock order: `mutex_` is taken before the mutex of the segment store. No Python call and no code
///             of the host runs while it is held.
class isolated_group : public std::enable_shared_from_this<isolated_group> {
public:
    explicit isolated_group(isolated_config config);
    isolated_group(const isolated_group &) = delete;
    isolated_group &operator=(const isolated_group &) = delete;
    ~isolated_group();

    /// Starts the watching thread. \throws std::system_error
    void start();

    /// \throws pool_error
    void submit(std::shared_ptr<isolated_task> task);
    /// Runs the task and returns once its future is ready. Detached.
    void call(const std::shared_ptr<isolated_task> &task);

    /// A task that was cancelled takes up no room. Its caller owns it. If submit() still has it, that
    /// need not wait.
    void leave_queue(const isolated_task &task) noexcept;

    /// The host has read a chunk of the task that runs.
    void chunk_was_read(const isolated_task &task);
    /// Nobody reads its values any more.
    void stop_stream(isolated_task &task);

    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);
    void close();
    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] isolated_counters counters() const;
    [[nodiscard]] std::size_t workers() const noexcept { return workers_wanted_; }
    [[nodiscard]] segment_store &segments() noexcept { return segments_; }

    /// For a destructor: closes, waits for all tasks, and ends the workers. On a thread of its own, or
    /// in a function that a task has got, it does not wait: that thread would wait for itself.
    void end() noexcept;

private:
    using worker = isolated_worker;
    using clock = std::chrono::steady_clock;
    using lock = std::unique_lock<std::mutex>;

    // What any thread does, with the mutex held.
    void admit(lock &hold, const std::shared_ptr<isolated_task> &task);
    void enqueue(const std::shared_ptr<isolated_task> &task);
    void drop(const isolated_task &task);
    void feed(worker &one);
    [[nodiscard]] bool may_wait_for(const worker &one, const isolated_task &task) const noexcept;
    enum class sending : unsigned char { sent, queued, failed };
    [[nodiscard]] sending send(worker &one, std::shared_ptr<isolated_task> task);
    void publish(worker &one);
    void take_over_work(worker &idle);
    void settle(const std::shared_ptr<isolated_task> &task, const std::exception_ptr &why);
    void one_is_done();
    void set_timer(clock::time_point due);
    void wake() noexcept;

    // Answers: by the watching thread, or by a call() that has taken the worker.
    receive_outcome take_answer(worker &one, worker_answer &answer);
    enum class reading : unsigned char { nothing, said, answered };
    reading read_answers(worker &one, std::size_t most);
    void wait_for_answer(worker &one);
    [[nodiscard]] bool accept(worker &one, std::vector<worker_answer> &answers);
    void accept_start(worker &one, const worker_answer &answer);
    bool accept_result(worker &one, worker_answer &answer, clock::time_point now,
                       std::shared_ptr<isolated_task> &answered);
    bool accept_said(worker &one, const worker_answer &answer, clock::time_point now,
                     std::shared_ptr<isolated_task> &task);
    void run_callback(const std::shared_ptr<isolated_task> &task, const worker_answer &answer);
    [[nodiscard]] bool begin_callback(isolated_task &task);
    void end_callback(const std::shared_ptr<isolated_task> &task, std::uint32_t verdict,
                      const std::exception_ptr &problem);
    [[nodiscard]] bool put_off(isolated_task &task, worker_answer &answer);
    void tell(worker &one);
    void give_back_segments(worker &one, const worker_answer &answer);
    void settle_answered(worker &one, std::vector<worker_answer> &answers,
                         const std::vector<std::shared_ptr<isolated_task>> &answered, bool is_ours);
    [[nodiscard]] std::shared_ptr<worker> worker_of(const isolated_task &task);
    void end_stream(worker &one);
    void end_streams();
    [[nodiscard]] bool was_killed(const worker &one);
    void break_off(worker &one);
    void let_go(worker &one);
    void bury(worker &one);

    // Ends, with the mutex held.
    void stop_worker(worker &one, const std::exception_ptr &why, std::optional<worker_end> how,
                     const std::string &text);
    void leave_tasks(worker &one, const std::exception_ptr &why);
    void retire(worker &one);
    void retire_spare();
    [[nodiscard]] std::size_t spares_wanted();
    void take_slot(worker &one);
    void dispatch();
    void leave_slot(worker &one, std::optional<worker_end> how, const std::string &text);
    void start_failed(worker *one, const std::string &text, const std::string &stack);
    [[nodiscard]] std::size_t count(worker::state which) const noexcept;
    void note(worker_event::kind what, const worker &one, std::size_t slot,
              std::optional<worker_end> how, const std::string &text);
    [[nodiscard]] std::exception_ptr error_of(const worker &one, worker_end how) const;
    [[nodiscard]] std::string name_of(std::size_t slot) const;
    [[nodiscard]] std::exception_ptr error_of_end(const worker &one, std::string &text,
                                                  worker_end &how) const;

    // The watching thread.
    void watch();
    void settle_given_up();
    [[nodiscard]] bool begin_round();
    void handle(std::uint64_t what);
    void on_answer(const std::shared_ptr<worker> &one);
    void on_packet(const std::shared_ptr<worker> &one);
    void on_end(const std::shared_ptr<worker> &one);
    void fill_slots(lock &hold);
    void start_one(lock &hold);
    [[nodiscard]] std::string begin_watching(worker &one);
    void introduce(worker &one);
    void keep_limits();
    void keep_limits_of(worker &one, clock::time_point now);
    void keep_cpu_limit(worker &one, clock::time_point now);
    void ask_for_more(worker &one);
    void ask_no_more();
    void give_more(std::uint64_t id, const isolated_task &task, std::chrono::milliseconds more);
    void begin_task_time(worker &one, clock::time_point now);
    void record_task(worker &one);
    void begin_track(worker &one);
    [[nodiscard]] std::exception_ptr error_of_limit(const worker &one, bool was_killed,
                                                    std::string stack);
    [[nodiscard]] std::chrono::milliseconds limit_of(const worker &one) const {
        return *config_.limit + one.more;
    }
    [[nodiscard]] clock::time_point due_of(const worker &one) const;
    [[nodiscard]] bool finish();

    [[nodiscard]] bool is_in_child() const noexcept { return forks_so_far() != made_in_; }
    void say_who_works() const noexcept;
    [[nodiscard]] bool is_own_thread() const noexcept;
    void end_elsewhere() noexcept;

    const isolated_config config_;
    const std::size_t workers_wanted_;
    const std::size_t passed_ahead_;  // descriptors that may wait in a worker's socket
    const std::filesystem::path python_;
    const std::vector<std::string> environment_;
    const unsigned made_in_ = count_forks();
    segment_store segments_;
    event_queue watched_;
    std::unique_ptr<output_reader> output_;

    mutable std::mutex mutex_;  // guards all below
    std::condition_variable room_;
    std::condition_variable idle_;
    std::deque<std::shared_ptr<isolated_task>> queue_;
    // Failed: the watching thread makes their futures ready.
    std::vector<std::pair<std::shared_ptr<isolated_task>, std::exception_ptr>> given_up_;
    std::vector<std::thread::id> in_callbacks_;  // the threads that run functions of the host now
    std::size_t outstanding_ = 0;                // accepted, and their futures are not ready
    std::uint64_t accepted_ = 0;
    std::uint64_t deadlines_ = 0;
    std::uint64_t workers_ended_ = 0;
    std::map<std::uint64_t, std::shared_ptr<worker>> all_;
    std::vector<worker *> slots_;  // null: free
    std::vector<worker *> ready_;  // with a slot and without a task
    std::vector<bool> was_taken_;  // a slot has had a worker
    std::uint64_t last_id_ = 0;
    clock::time_point timer_due_ = clock::time_point::max();
    std::deque<clock::time_point> ends_;  // of workers in a slot, in the last second
    clock::time_point next_start_{};      // after a failed start: no other before this
    bool starts_ = true;        // false: the last start failed, and no task has come since
    bool has_started_ = false;  // a start has succeeded since the last failure
    std::string start_problem_;
    bool closed_ = false;
    bool ending_ = false;
    bool asks_ = true;  // false: on_limit cannot be called, and all limits stand

    // Of the watching thread. A task waits in a ring for others that take 300 us at most.
    static constexpr std::size_t most_ahead = 32;
    std::vector<std::shared_ptr<worker>> busy_;

    std::thread watcher_;
    host_thread events_;     // calls on_event and on_limit
    host_thread callbacks_;  // calls the functions that tasks have got
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/isolated_group.answers.ipp>
#include <holdfast/isolated/isolated_group.counts.ipp>
#include <holdfast/isolated/isolated_group.ends.ipp>
#include <holdfast/isolated/isolated_group.ipp>
#include <holdfast/isolated/isolated_group.limits.ipp>
#include <holdfast/isolated/isolated_group.says.ipp>
#include <holdfast/isolated/isolated_group.sends.ipp>
#include <holdfast/isolated/isolated_group.watch.ipp>
#endif
