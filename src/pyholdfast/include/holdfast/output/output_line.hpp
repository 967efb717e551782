// holdfast/output/output_line.hpp: a line that Python printed or logged.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <string_view>

namespace holdfast {

/// Where a line comes from.
enum class output_source : unsigned char {
    out,  ///< sys.stdout
    err,  ///< sys.stderr
    log,  ///< the logging module
};

/// One line. Its texts are valid only during the call of the sink.
struct output_line {
    output_source source;
    /// UTF-8, without the newline; other bytes, from sys.stdout.buffer, are escaped as \xd1.
    std::string_view text;
    /// Python's name for the thread that wrote the line, or the system's name if Python did not
    /// start the thread. In the system's name, invalid UTF-8 and control characters are escaped as
    /// in a Python string: \xd1.
    std::string_view thread;
    std::string_view logger;  ///< a log record's logger, e.g. "urllib3"; else empty
    /// A log record's level: 10 debug, 20 info, 30 warning, 40 error, 50 critical; else 0.
    int level;
    /// The worker process that wrote it, such as "scoring-0" (isolated_config::output); else empty.
    std::string_view worker = {};
};

}  // namespace holdfast
