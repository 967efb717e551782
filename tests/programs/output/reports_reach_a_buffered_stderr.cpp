// A report is on stderr at once, even if the host has reopened it and the C library buffers it.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/say.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

#if defined(_WIN32)
constexpr const char *nowhere = "NUL";
#else
constexpr const char *nowhere = "/dev/null";
#endif

int main() {
    std::FILE *const log = std::tmpfile();
    if (log == nullptr || std::freopen(nowhere, "w", stderr) == nullptr)  // as a daemon does
        return 2;
    if (dup2(fileno(log), fileno(stderr)) < 0)
        return 2;
    holdfast::detail::say("holdfast: %s\n", "a report");

    std::string text(4096, '\0');
    std::rewind(log);
    text.resize(std::fread(&text[0], 1, text.size(), log));
    return text == "holdfast: a report\n" ? 0 : 1;
}
