// What __enter__ returns may be gone as soon as it is converted.
#include <holdfast/calls/context_manager.hpp>
#include <holdfast/holdfast.hpp>

#include <string>
#include <string_view>

#ifdef FIXED
using text = std::string;
#else
using text = std::string_view;
#endif

bool same(const holdfast::object &manager, const std::string &wanted) {
    const holdfast::entered<text> open(manager);  // expect: take what owns its data, e\.g\. std::string
    return *open == wanted;
}
