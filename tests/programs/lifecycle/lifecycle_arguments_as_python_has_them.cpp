// sys.argv and other text from outside is decoded as plain Python decodes it, whatever the locale and the bytes.
// precompiled: no
// deadline: 60
// short-run: no
constexpr const char *python_of_this_build = HOLDFAST_DEFAULT_PYTHON;
#undef HOLDFAST_DEFAULT_PYTHON  // a host that is compiled with `holdfast config --cflags` names no executable
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "contains.hpp"
#include "environment.hpp"

namespace {

constexpr const char *report =
    "import sys, os; "
    "print(ascii(sys.argv[1:]), sys.getfilesystemencoding(), "
    "sys.getfilesystemencodeerrors(), sys.flags.utf8_mode, "
    "ascii(os.environ['FROM_OUTSIDE']), [os.fsencode(a) for a in sys.argv[1:]] == "
    "[bytes(a) for a in os.environb[b'FROM_OUTSIDE'].split(b'|')], flush=True)";

/// UTF-8, bytes that are none, a surrogate, a cut character, terminal escapes, markup, nothing, and much.
std::vector<std::string> arguments() {
    return {"plain",          "caf\xc3\xa9",
            "\xff\xfe",       "\xed\xb3\x83",
            "\xd0\xbe\xd0",   "\x1b[31mred\x1b]0;title\x07",
            "<b>&amp;\"'",    "",
            "line\nline\r\t", std::string(100'000, 'x') + "\xf0\x9f\xa6\x86"};
}

std::string joined(const std::vector<std::string> &texts) {
    std::string all;
    for (const std::string &text : texts)
        all += (&text == texts.data() ? "" : "|") + text;
    return all;
}

/// What a command prints. \param locale  its LC_ALL; null: not set.
std::string printed(const std::vector<std::string> &command, const char *locale) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        for (const char *const name :
             {"LC_ALL", "LC_CTYPE", "LANG", "PYTHONUTF8", "PYTHONCOERCECLOCALE"})
            unset_variable(name);
        if (locale != nullptr)
            set_variable("LC_ALL", locale);
        // For a Python that was moved: without an executable, nothing else says where its library is.
        const std::filesystem::path python = std::filesystem::canonical(python_of_this_build);
        set_variable("PYTHONHOME", python.parent_path().parent_path().c_str());
        set_variable("FROM_OUTSIDE", joined(arguments()).c_str());
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        std::vector<char *> words;
        for (const std::string &word : command)
            words.push_back(const_cast<char *>(word.c_str()));
        words.push_back(nullptr);
        execv(words[0], words.data());
        _exit(127);
    }
    close(ends[1]);
    std::string text;
    char part[4096];
    for (ssize_t count = 0; (count = read(ends[0], part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(count));
    close(ends[0]);
    CHECK(status_of(child) == 0);
    return text;
}

int host(int argc, char **argv) {
    holdfast::interpreter_config config;
    config.argv.assign(argv + 1, argv + argc);
    holdfast::interpreter python(config);
    holdfast::exec(report);
    return python.finalize(std::chrono::seconds(5)) ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc > 1)
        return host(argc, argv);
    for (const char *const locale : {static_cast<const char *>(nullptr), "C", "POSIX", "C.UTF-8",
                                     "en_US.UTF-8", "en_US.ISO-8859-1", "no_such"}) {
        std::vector<std::string> ours{"/proc/self/exe", "-c"};
        std::vector<std::string> plain{python_of_this_build, "-c", report};
        for (const std::string &argument : arguments()) {
            ours.push_back(argument);
            plain.push_back(argument);
        }
        const std::string here = printed(ours, locale);
        if (here != printed(plain, locale))
            check::fail(__FILE__, __LINE__,
                        "in the locale " + std::string(locale != nullptr ? locale : "of nobody") +
                            ": " + here.substr(0, 300) +
                            "\nnot: " + printed(plain, locale).substr(0, 300));
        CHECK(contains(here, "'plain'"));
    }
}
