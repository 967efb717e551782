// Text of other characters is not copied by itself: a view of it may point to nothing when the task runs.
#include <holdfast/pools/executor.hpp>

#include <string>
#include <string_view>

void count(holdfast::executor &threads, const std::wstring &text) {
#ifdef FIXED
    threads.submit([](const std::wstring &kept) { return kept.size(); }, text);
#else
    threads.submit([](std::wstring_view seen) { return seen.size(); }, std::wstring_view(text));  // expect: a view would point to what may be gone
#endif
}
