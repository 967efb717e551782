// Elements own their data, as the list that they point into is gone when the call returns.
#include <holdfast/holdfast.hpp>
#include <holdfast/convert/containers.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#ifdef FIXED
const holdfast::function<std::vector<std::string>(std::string_view)> split{"texts", "split"};
#else
const holdfast::function<std::vector<std::string_view>(std::string_view)> split{"texts", "split"};
#endif

std::size_t count(const std::string &text) {
    return split(text).size();  // expect: take elements that own their data, e\.g\. std::string
}
