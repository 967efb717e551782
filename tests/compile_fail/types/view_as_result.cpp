// The object that a view points into is gone when the call returns.
#include <holdfast/holdfast.hpp>

#include <string>
#include <string_view>

#ifdef FIXED
const holdfast::function<std::string(std::string_view)> upper{"texts", "upper"};
#else
const holdfast::function<std::string_view(std::string_view)> upper{"texts", "upper"};
#endif

bool same(const std::string &text) {
    return upper(text) == text;  // expect: a view of the result would outlive it: return std::string
}
