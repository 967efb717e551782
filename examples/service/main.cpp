// A service: requests come as lines on stdin, answers leave on stdout. SIGHUP loads the Python code
// again, SIGTERM or the end of stdin ends it.
//
// service [MILLISECONDS]: how long it waits for tasks at its end.
//
// What a server needs, in one place: a bounded queue, a limit for each task, tasks whose futures
// nobody reads, signals, a drain with a deadline, a report, and a restart.
#include <holdfast/holdfast.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

constexpr auto task_limit = 500ms;  // from the moment at which a thread takes it
auto drain_limit = 5000ms;          // for what is queued and running; then again, to interrupt it

const holdfast::function<std::string(std::string)> answer{"app", "answer"};

// --- signals: the handler only writes a byte into a pipe, which the main thread waits for ------

std::array<int, 2> signal_pipe;  // read, write

extern "C" void note_signal(int number) {
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(number);
    // A full pipe loses this one; the main thread then has others to read.
    (void)!write(signal_pipe[1], &byte, 1);
    errno = saved;
}

void catch_signals() {
    if (pipe(signal_pipe.data()) != 0)
        throw std::runtime_error("no pipe for the signals");
    for (const int end : signal_pipe) {
        fcntl(end, F_SETFL, O_NONBLOCK);
        fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    struct sigaction action = {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaction(number, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);  // a reader that is gone is an error of the write
}

// --- answers: one line each, from any thread ----------------------------------------------------

std::mutex output;
std::atomic<long> answered{0}, refused{0};

void say(long number, const std::string &text) {
    const std::lock_guard<std::mutex> hold(output);
    std::printf("%ld %s\n", number, text.c_str());
    std::fflush(stdout);
}

// --- Python, from one start to its end ----------------------------------------------------------

holdfast::interpreter_config python_config() {
    holdfast::interpreter_config config;
    config.module_search_paths = {"$ORIGIN"};  // app.py lies beside the program
    return config;
}

holdfast::executor_config pool_config() {
    holdfast::executor_config config;
    config.threads = 2;
    config.capacity = 8;
    config.full = holdfast::when_full::fail;  // better a quick refusal than a long queue
    config.name = "answers";
    return config;
}

class python_side {
public:
    python_side() { holdfast::exec("import app"); }  // an error in it shows now

    /// Nobody reads the future: so the task reports all that can go wrong, the queue included.
    void take(long number, const std::string &line) {
        try {
            (void)pool_.submit(queued_, [number, line] { answer_one(number, line); });
        } catch (const holdfast::error &full) {  // HF300, or the interpreter is closing
            ++refused;
            say(number, "busy (" + std::string(full.code()) + ")");
        }
    }

    /// Lets the tasks end, then Python. \return whether all of them have.
    bool end() {
        if (!pool_.drain(drain_limit))
            queued_.request();  // what has not begun shall not begin
        const holdfast::finalize_report report =
            python_.finalize(drain_limit, holdfast::interrupt_after{0ms});
        const std::lock_guard<std::mutex> hold(output);
        std::fprintf(stderr, "service: %s", report.text().c_str());
        return report.finalized;
    }

private:
    static void answer_one(long number, const std::string &line) {
        try {
            say(number, holdfast::within(task_limit, [&line] { return answer(line); }));
            ++answered;
        } catch (const holdfast::deadline_error &) {
            say(number, "took too long");
        } catch (const holdfast::python_error &problem) {
            say(number, problem.type() + ": " + problem.message());
        } catch (const std::exception &problem) {
            say(number, problem.what());
        }
    }

    holdfast::interpreter python_{python_config()};
    holdfast::cancellation queued_;
    holdfast::executor pool_{python_, pool_config()};
};

// --- the main thread waits for requests and signals ---------------------------------------------

/// The next whole line that has been read; false: none yet.
bool take_line(std::string &buffer, std::string &line) {
    const std::size_t end = buffer.find('\n');
    if (end == std::string::npos)
        return false;
    line = buffer.substr(0, end);
    buffer.erase(0, end + 1);
    return true;
}

/// Serves until a restart (SIGHUP: true) or the end (false) is asked for.
bool serve(python_side &python, std::string &buffer, long &number) {
    std::array<pollfd, 2> both = {pollfd{signal_pipe[0], POLLIN, 0}, pollfd{0, POLLIN, 0}};
    for (std::string line;;) {
        while (take_line(buffer, line))
            python.take(++number, line);
        if (poll(both.data(), both.size(), -1) < 0)
            continue;  // EINTR: the signal's byte is in the pipe
        unsigned char signal = 0;
        if (both[0].revents != 0 && read(signal_pipe[0], &signal, 1) == 1)
            return signal == SIGHUP;
        std::array<char, 4096> piece;
        const ssize_t size = both[1].revents != 0 ? read(0, piece.data(), piece.size()) : -1;
        if (size == 0)
            return false;
        if (size > 0)
            buffer.append(piece.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

int main(int argc, char **argv) {
    try {
        if (argc > 1)
            drain_limit = std::chrono::milliseconds(std::stol(argv[1]));
        catch_signals();
        std::string buffer;
        long number = 0;
        for (bool again = true; again;) {
            python_side python;
            std::fprintf(stderr, "service: ready\n");
            again = serve(python, buffer, number);
            if (!python.end()) {  // a task is stuck in C code: nothing can end it but the process
                std::fflush(stdout);
                std::_Exit(3);
            }
        }
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "service: %s\n", problem.what());
        return 1;
    }
    std::fprintf(stderr, "service: answered %ld, refused %ld\n", answered.load(), refused.load());
}
