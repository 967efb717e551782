// What Python prints and logs reaches the host's sink line by line, with its source, thread, logger and level.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

std::mutex lines_mutex;
std::vector<std::string> lines;

/// "out main: text", "log net.http/40 worker: text".
void take(const holdfast::output_line &line) {
    static const char *const names[] = {"out", "err", "log"};
    std::string text = names[static_cast<int>(line.source)];
    if (line.source == holdfast::output_source::log)
        text += " " + std::string(line.logger) + "/" + std::to_string(line.level);
    text += " " + std::string(line.thread) + ": " + std::string(line.text);
    CHECK(!holdfast::attached());
    const std::lock_guard<std::mutex> hold(lines_mutex);
    lines.push_back(text);
}

void expect(const std::vector<std::string> &wanted) {
    const std::lock_guard<std::mutex> hold(lines_mutex);
    for (std::size_t i = 0; i < wanted.size() || i < lines.size(); ++i) {
        if (i >= wanted.size())
            check::fail(__FILE__, __LINE__, "too many: " + lines[i]);
        if (i >= lines.size() || lines[i] != wanted[i])
            check::fail(
                __FILE__, __LINE__,
                "wanted '" + wanted[i] + "', got " + (i < lines.size() ? lines[i] : "nothing"));
    }
    lines.clear();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    CHECK(thrown_text<holdfast::usage_error>([&] {
              holdfast::redirect_output(python, nullptr);
          }).find("HF413") == 0);
    holdfast::redirect_output(python, &take);

    holdfast::exec("import sys\nprint('one\\ntwo')\nprint('thr', end='', flush=True)");
    expect({"out MainThread: one", "out MainThread: two"});
    holdfast::exec("print('ee')\nsys.stderr.write('wrong\\n')\nprint()\nprint('\\u00e9\\ud800')");
    expect({"out MainThread: three", "err MainThread: wrong",
            "out MainThread: ", "out MainThread: \xc3\xa9\\ud800"});
    holdfast::exec(
        "sys.stdout.buffer.write(b'by')\nsys.stdout.write('tes\\n')\nsys.stdout.reconfigure("
        "encoding='utf-8')\n"
        "assert sys.stdout.fileno() == 1 and sys.stderr.fileno() == 2 and not sys.stdout.isatty()\n"
        "import faulthandler\nfaulthandler.enable()");
    expect({"out MainThread: bytes"});

    // The root logger lets warnings pass; what is below it is not formatted.
    holdfast::exec(
        "import logging\nlogging.info('not "
        "shown')\nlogging.getLogger('net.http').error('first\\nsecond')");
    expect({"log net.http/40 MainThread: first", "log net.http/40 MainThread: second"});
    holdfast::exec("try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.exception('failed')");
    CHECK(lines.front() == "log root/40 MainThread: failed");
    CHECK(lines.back() == "log root/40 MainThread: ZeroDivisionError: division by zero");
    lines.clear();

    // Names of threads: Python's own, and the system's, which may change.
    holdfast::exec(
        "import threading\nthread = threading.Thread(target=print, args=('here',), name='py')\n"
        "thread.start()\nthread.join()");
    expect({"out py: here"});
    std::thread([&] {
        holdfast::detail::set_thread_name("decoder");
        holdfast::exec("print('there'); logging.warning('careful')");
        holdfast::detail::set_thread_name("writer");
        holdfast::exec("print('again')");
        CHECK(holdfast::eval<long>(
                  "sum(thread.name.startswith('Dummy-') and thread.ident not in "
                  "[threading.get_ident()] for thread in threading.enumerate())") == 0);
    }).join();
    expect({"out decoder: there", "log root/30 decoder: careful", "out writer: again"});

    // A second call takes the place of the first.
    holdfast::output_config config;
    config.level = 10;
    std::vector<std::string> others;
    holdfast::redirect_output(
        python, [&](const holdfast::output_line &line) { others.emplace_back(line.text); }, config);
    holdfast::exec("print('new'); logging.debug('now shown')");
    expect({});
    CHECK(others == (std::vector<std::string>{"new", "now shown"}));
}
