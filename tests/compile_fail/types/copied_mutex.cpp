// Two copies of a lock protect nothing.
#include <holdfast/attach/waits.hpp>

#include <mutex>

holdfast::mutex shared;

void work() {
#ifdef FIXED
    const std::lock_guard<holdfast::mutex> hold(shared);
#else
    holdfast::mutex own(shared);  // expect: deleted .*mutex
    own.lock();
#endif
}
