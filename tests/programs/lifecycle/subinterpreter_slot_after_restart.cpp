// After a restart, the host may own the number of CPython's old key: its value is not changed.
// python: >=3.12
#include <holdfast/holdfast.hpp>

#include <thread>
#include <vector>

#include <pthread.h>

#include "check.hpp"

namespace hf = holdfast;

namespace {

/// A thread that keeps a state in a sub-interpreter, while each of `keys` holds its own address for it.
void keep_states(std::vector<pthread_key_t> &keys) {
    const hf::interpreter python;
    const hf::subinterpreter own(python);
    std::thread([&] {
        for (pthread_key_t &key : keys)
            CHECK(pthread_setspecific(key, &key) == 0);
        for (int i = 0; i < 3; ++i) {
            const hf::attach_guard attached(own.view());
            hf::exec("pass");
        }
        for (pthread_key_t &key : keys)
            CHECK(pthread_getspecific(key) == &key);
        CHECK(PyGILState_GetThisThreadState() == nullptr);
    }).join();
}

}  // namespace

int main() {
    std::vector<pthread_key_t> keys;
    keep_states(keys);
    keys.resize(8);
    for (pthread_key_t &key :
         keys)  // the lowest that are free: among them Python's of the first run
        CHECK(pthread_key_create(&key, nullptr) == 0);
    keep_states(keys);
}
