// Mutexes of holdfast, which detach their waiters, and the others, which do not.
#include <holdfast/holdfast.hpp>

#include <mutex>
#include <shared_mutex>

namespace {

holdfast::mutex ours;
holdfast::shared_mutex shared;
std::mutex plain;
std::shared_mutex plain_shared;

}  // namespace

void with_ours() {
    const holdfast::attach_guard attached;
    const std::lock_guard<holdfast::mutex> one(ours);
}
void with_ours_to_unlock() {
    const holdfast::attach_guard attached;
    std::unique_lock<holdfast::mutex> one(ours);
    std::unique_lock deduced(ours, std::defer_lock);
    one.unlock();
    deduced.lock();
}
void with_a_shared_one_alone() {
    const holdfast::attach_guard attached;
    std::unique_lock<holdfast::shared_mutex> one(shared);
    one.unlock();
    one.lock();
}
void with_a_shared_one_shared() {
    const holdfast::attach_guard attached;
    std::shared_lock<holdfast::shared_mutex> one(shared);
    std::shared_lock deduced(shared);
    one.unlock();
    one.lock();
}
void with_a_shared_one_in_a_block() {
    const holdfast::attach_guard attached;
    const std::lock_guard<holdfast::shared_mutex> one(shared);
}
void with_several() {
    const holdfast::attach_guard attached;
    {
        const std::scoped_lock one(shared);
    }
    {
        const std::scoped_lock both(shared, ours);
    }
    {
        const auto both = std::scoped_lock(shared, ours);
    }
    std::lock(shared, ours);
    const std::scoped_lock taken(std::adopt_lock, shared, ours);
}
void with_others() {
    const holdfast::attach_guard attached;
    const std::lock_guard<std::mutex> one(plain);  // expect HF614
}
void with_others_to_unlock() {
    const holdfast::attach_guard attached;
    std::unique_lock one(plain, std::defer_lock);  // expect HF614
    one.unlock();
}
void with_others_shared() {
    const holdfast::attach_guard attached;
    const std::shared_lock one(plain_shared);  // expect HF614
}
void with_one_of_the_others() {
    const holdfast::attach_guard attached;
    const std::scoped_lock both(ours, plain);  // expect HF614
}
void with_one_of_the_others_at_once() {
    const holdfast::attach_guard attached;
    std::lock(ours, plain);  // expect HF614
    ours.unlock();
    plain.unlock();
}
