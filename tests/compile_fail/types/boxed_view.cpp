// A field of a record owns its data, as what it points into is gone when the call returns.
#include <holdfast/calls/record.hpp>
#include <holdfast/holdfast.hpp>

#include <string>

#ifdef FIXED
const holdfast::function<holdfast::boxed<std::string>()> title{"texts", "title"};
#else
const holdfast::function<holdfast::boxed<const char *>()> title{"texts", "title"};
#endif

bool same(const std::string &text) {
    return *title() == text;  // expect: take what owns its data, e\.g\. std::string
}
