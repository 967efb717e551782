// Whatever bytes a thread's name or a line has, print() and logging raise nothing, and the sink gets valid UTF-8.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/prctl.h>

#include "check.hpp"

namespace {

struct seen_line {
    std::string text;
    std::string thread;
    std::string logger;
};
std::vector<seen_line> lines;  // one thread at a time

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        char32_t character = 0;
        const std::size_t length = holdfast::detail::utf8_length(text, character);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

/// A name as the system has it, cut to 15 bytes, and as the sink gets it.
struct named {
    const char *given;
    const char *seen;
};
const named system_names[] = {
    {"plain", "plain"},
    {"\u043e\u0431\u0440\u0430\u0431\u043e\u0442\u0447\u0438\u043a",
     "\u043e\u0431\u0440\u0430\u0431\u043e\u0442\\xd1"},
    {"\xff\xfe", "\\xff\\xfe"},
    {"\xed\xb3\x83", "\\xed\\xb3\\x83"},
    {"\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf"},
    {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
    {"two\nlines\r\t", "two\\nlines\\r\\t"},
    {"\u202eevil\u2066", "\\u202eevil\\u2066"},
    {"\u0085\u009b", "\\x85\\x9b"},
    {"<b>&amp;'\"", "<b>&amp;'\""},
    {"", ""},
};

/// What is printed, in Python's words, and the line that comes of it.
struct printed {
    const char *expression;
    std::string seen;
};
const printed texts[] = {
    {"'caf\\u00e9'", "caf\u00e9"},
    {"'name \\udce9 end'", "name \\udce9 end"},
    {"'\\ud800'", "\\ud800"},
    {"'a\\0b'", std::string("a\0b", 3)},
    {"'\\x1b[31m'", "\x1b[31m"},  // its own text: the sink decides
    {"'x' * 1_000_000", std::string(1'000'000, 'x')},
    {"'\\U0001f986'", "\U0001f986"},
};

/// A name that Python gives a thread, or a record's logger, as the sink gets it.
const printed python_names[] = {
    {"'plain'", "plain"},
    {"'cut \\udcd1'", "cut \\udcd1"},
    {"'a\\0b'", std::string("a\0b", 3)},
    {"'n' * 1_000_000", std::string(1'000'000, 'n')},
};

void expect(const char *what, const std::string &got, const std::string &wanted) {
    if (got != wanted)
        check::fail(__FILE__, __LINE__,
                    std::string(what) + ": '" + got.substr(0, 100) + "', not '" +
                        wanted.substr(0, 100) + '\'');
}

void every_way(const char *text) {
    holdfast::exec(std::string("import sys, logging\nt = ") + text +
                   "\n"
                   "print(t)\nsys.stderr.write(t + '\\n')\nlogging.getLogger('some').error(t)\n");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::redirect_output(python, [](const holdfast::output_line &line) {
        CHECK(is_utf8(line.text) && is_utf8(line.thread) && is_utf8(line.logger));
        lines.push_back(
            {std::string(line.text), std::string(line.thread), std::string(line.logger)});
    });
    for (const named &name : system_names)
        std::thread([&] {
            lines.clear();
            prctl(PR_SET_NAME, name.given, 0, 0, 0);
            every_way("'text'");
            CHECK(lines.size() == 3);
            for (const seen_line &line : lines)
                expect("thread", line.thread, name.seen);
        }).join();
    for (const printed &text : texts) {
        lines.clear();
        every_way(text.expression);
        CHECK(lines.size() == 3);
        for (const seen_line &line : lines)
            expect("text", line.text, text.seen);
    }
    for (const printed &name : python_names) {
        lines.clear();
        holdfast::exec(std::string("import threading, logging\nn = ") + name.expression +
                       "\n"
                       "def run(): print('by a thread'); logging.getLogger(n).error('x')\n"
                       "t = threading.Thread(target=run)\nt._name = n\nt.start(); t.join()\n");
        CHECK(lines.size() == 2);
        expect("thread", lines[0].thread, name.seen);
        expect("thread", lines[1].thread, name.seen);
        expect("logger", lines[1].logger, name.seen);
    }
    lines.clear();
    holdfast::exec(
        "import sys\nout = sys.stdout.buffer\nout.write(b'\\xff raw\\nha')\nout.write(b'lf "
        "\\xc3')\n"
        "out.write(b'\\xa9\\n')\n");
    CHECK(lines.size() == 2);
    expect("bytes", lines[0].text, "\\xff raw");
    expect("bytes", lines[1].text, "half \u00e9");
    CHECK(python.finalize(std::chrono::seconds(5)));
}
