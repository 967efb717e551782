// said_on_stderr.hpp: captures what an action writes to stderr.
#pragma once

#include <cstdio>
#include <string>

#include <unistd.h>

#include "check.hpp"

/// Everything that `work` writes to stderr.
template <class Work>
std::string said_on_stderr(Work &&work) {
    std::FILE *const kept = std::tmpfile();
    CHECK(kept != nullptr);
    std::fflush(stderr);
    const int before = dup(STDERR_FILENO);
    dup2(fileno(kept), STDERR_FILENO);
    work();
    std::fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    std::string text;
    std::rewind(kept);
    for (int one = std::fgetc(kept); one != EOF; one = std::fgetc(kept))
        text += static_cast<char>(one);
    std::fclose(kept);
    return text;
}
