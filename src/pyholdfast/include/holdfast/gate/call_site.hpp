// holdfast/gate/call_site.hpp: the source line that a guard or a call reports.
#pragma once

namespace holdfast {

/// The source line of a guard or a call, for reports. Braces never convert to it: where a call takes
/// one, they are always an argument.
///
/// Threads: any; it does not change.
class call_site {
    struct from_here {
        explicit from_here() = default;
    };

public:
    /// The line of the caller in whose arguments this is the default.
    static constexpr call_site current(const char *file = __builtin_FILE(),
                                       unsigned line = __builtin_LINE()) noexcept {
        return call_site(from_here(), file, line);
    }

    /// A line that was recorded earlier.
    /// \param file  a string literal; null: unknown.
    static constexpr call_site at(const char *file, unsigned line) noexcept {
        return call_site(from_here(), file, line);
    }

    /// A string literal; null if the line is unknown.
    [[nodiscard]] constexpr const char *file() const noexcept { return file_; }
    [[nodiscard]] constexpr unsigned line() const noexcept { return line_; }

private:
    constexpr call_site(from_here, const char *file, unsigned line) noexcept
        : file_(file), line_(line) {}

    const char *file_;
    unsigned line_;
};

}  // namespace holdfast
