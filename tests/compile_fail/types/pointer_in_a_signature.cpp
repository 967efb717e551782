// Text is taken as a view, which a literal and a const char * convert to.
#include <holdfast/holdfast.hpp>

#include <string>
#include <string_view>

#ifdef FIXED
const holdfast::function<std::string(std::string_view)> upper{"texts", "upper"};
#else
const holdfast::function<std::string(const char *)> upper{"texts", "upper"};
#endif

std::string shout(const char *text) {
    return upper(text);  // expect: take text as std::string_view, to which a const char \* converts
}
