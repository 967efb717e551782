// said_on_stderr.hpp: captures what an action writes to stderr.
#pragma once

#include <cstdio>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include "check.hpp"
#include "descriptors.hpp"

/// Everything that `work` writes to stderr.
template <class Work>
std::string said_on_stderr(Work &&work) {
    std::FILE *const kept = std::tmpfile();
    CHECK(kept != nullptr);
    std::fflush(stderr);
    const int before = dup(2);
    keep_handle_of(2);
    dup2(fileno(kept), 2);
    work();
    std::fflush(stderr);
    dup2(before, 2);
    close(before);
    std::string text;
    std::rewind(kept);
    for (int one = std::fgetc(kept); one != EOF; one = std::fgetc(kept))
        text += static_cast<char>(one);
    std::fclose(kept);
    return text;
}
