// A coroutine's result is gone before a thread gets it.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#ifdef FIXED
using data = holdfast::bytes;
#else
using data = holdfast::bytes_view;
#endif
const holdfast::function<holdfast::task<data>()> read_all{"files", "read_all"};

data read() {
    return read_all().get();  // expect: take what owns its data, e\.g\. std::string
}
