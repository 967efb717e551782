// Futures that settle_promise() makes ready, while another thread waits for them in all three ways.
//
// Between the two threads there is nothing but the future: ThreadSanitizer sees a result that is read without the
// order that std::future promises. A value that cannot be moved leaves the promise unset, as set_value() would.

#include <holdfast/async/settle_promise.hpp>
#include <holdfast/attach/task_waits.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "stress.hpp"

namespace {

/// Throws when it is moved, if it is told to.
struct stubborn {
    explicit stubborn(bool its_refusal) : refuses(its_refusal) {}
    stubborn(stubborn &&other) : refuses(other.refuses) {
        if (refuses)
            throw std::runtime_error("it stays");
    }
    bool refuses;
};

template <class R>
struct cell {
    std::promise<R> promise;
    std::future<R> future = promise.get_future();
    const void *const state = holdfast::detail::shared_state_of(future);
};

template <class R, class Set, class Check>
void pass_on(stress::dice &random, const Set &set, const Check &check) {
    cell<R> one;
    const std::uint64_t way = random.next() % 3;
    stress::dice other(random.next());
    std::thread setter(
        [&set, &other, promise = std::move(one.promise), state = one.state]() mutable {
            other.dawdle();
            set(promise, state);
        });
    random.dawdle();
    if (way == 0)
        one.future.wait();
    else if (way == 1)
        while (one.future.wait_for(std::chrono::microseconds(1)) != std::future_status::ready) {}
    check(one.future);
    setter.join();
}

void pass_on_each(stress::dice &random) {
    using holdfast::detail::settle_promise;
    pass_on<void>(
        random, [](auto &promise, const void *state) { settle_promise(promise, state); },
        [](auto &future) { future.get(); });
    pass_on<std::string>(
        random,
        [](auto &promise, const void *state) {
            settle_promise(promise, state, std::string(100, 'x'));
        },
        [](auto &future) { MUST(future.get() == std::string(100, 'x')); });
    pass_on<std::unique_ptr<int>>(
        random,
        [](auto &promise, const void *state) {
            settle_promise(promise, state, std::make_unique<int>(7));
        },
        [](auto &future) { MUST(*future.get() == 7); });
    int number = 7;
    pass_on<int &>(
        random,
        [&number](auto &promise, const void *state) { settle_promise(promise, state, number); },
        [&number](auto &future) { MUST(&future.get() == &number); });
    pass_on<stubborn>(
        random,
        [](auto &promise, const void *state) {
            bool thrown = false;
            try {
                settle_promise(promise, state, stubborn(true));
            } catch (const std::runtime_error &) {
                thrown = true;
            }
            MUST(thrown);
            promise.set_value(stubborn(false));
        },
        [](auto &future) { MUST(!future.get().refuses); });
}

}  // namespace

int main(int argc, char **argv) {
    stress::dice random(stress::seed());
    const stress::clock clock(argc, argv);
    long rounds = 0;
    for (; !clock.over(); ++rounds)
        pass_on_each(random);
    std::printf("%ld rounds\n", rounds);
    return 0;
}
