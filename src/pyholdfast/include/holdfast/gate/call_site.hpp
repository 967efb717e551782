// holdfast/gate/call_site.hpp: the source line that a guard or a call reports.
#pragma once

// Debug builds check that guards end in reverse order, and that locks are unlocked by their owners.
#if !defined(HOLDFAST_DEBUG)
#if !defined(NDEBUG) && !defined(__OPTIMIZE__)
#define HOLDFAST_DEBUG 1
#else
#define HOLDFAST_DEBUG 0
#endif
#endif

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
                                       unsigned line = __builtin_LINE(),
                                       bool checks_order = HOLDFAST_DEBUG != 0) noexcept {
        return call_site(from_here(), file, line, checks_order);
    }

    /// A line that was recorded earlier.
    /// \param file  a string literal; null: unknown.
    static constexpr call_site at(const char *file, unsigned line) noexcept {
        return call_site(from_here(), file, line, false);
    }

    /// A string literal; null if the line is unknown.
    [[nodiscard]] constexpr const char *file() const noexcept { return file_; }
    [[nodiscard]] constexpr unsigned line() const noexcept { return line_; }

    /// Whether that source file was compiled to check in which order its guards end. Each caller
    /// says so for itself, so that files compiled with and without checks can be linked together.
    [[nodiscard]] constexpr bool checks_order() const noexcept { return checks_order_; }

private:
    constexpr call_site(from_here, const char *file, unsigned line, bool checks_order) noexcept
        : file_(file), line_(line), checks_order_(checks_order) {}

    const char *file_;
    unsigned line_;
    bool checks_order_;
};

}  // namespace holdfast
