// holdfast/gate/children.hpp: what lives in an interpreter and must end before it, and the rounds in
// which it is ended.
//
// Must not include <Python.h>.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>  // a pointer to a function needs no more of std::string

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/condition.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/plain_mutex.hpp>
#include <holdfast/platform/thread.hpp>

namespace holdfast {
struct finalize_report;
}

namespace holdfast::detail {

/// Takes what prevents the end of an interpreter's children. A report has much that is compiled in
/// every host that includes it, so this knows it by name only.
struct obstacles {
    void (*add)(obstacles &self, std::string what);
    finalize_report *report;  // null: Python exits, and only says what was added
    std::size_t count = 0;    // of what was added; by `add`
};

/// Something that lives in an interpreter and must end before it: a pool's threads, a
/// sub-interpreter.
///
/// Owned by the code that adds it, which must remove it before it dies.
struct child {
    /// The interpreter's gate has just been closed. Called under the chain's mutex: it may set a
    /// flag and notify, but must not block, attach or call Python. May be null.
    void (*closing)(child &) noexcept = nullptr;
    /// Ends the child before the deadline, or adds what prevents that. The thread that ends the
    /// interpreter calls it, detached, once no thread is inside. An exception is an obstacle, too.
    /// Null: the child ends by itself and is inside until then.
    void (*end)(child &, std::chrono::steady_clock::time_point deadline,
                obstacles &found) = nullptr;
    /// The interpreter's gate is about to be opened again. Called like `end`, with any threads inside.
    /// May be null.
    void (*reopening)(child &) = nullptr;
    /// The interpreter's gate has been opened again. Called like `closing`. May be null.
    void (*reopened)(child &) noexcept = nullptr;
    child *next = nullptr;       // this and asked_in: guarded by child_chain::mutex
    std::uint64_t asked_in = 0;  // the last round in which it was told to end; or has_ended
};

/// The children of one interpreter. At most one thread at a time ends them, in a round.
///
/// Threads: any. Lock order: `mutex` before the mutexes of the children, and before a gate's.
struct child_chain {
    plain_mutex mutex;
    condition one_ended;
    child *first = nullptr;         // guarded by the mutex, and so are these
    const child *ending = nullptr;  // returned by next_to_end(), until ended_one()
    std::uint64_t ender = 0;        // ident of the thread that has a round of ends; 0: none
    std::uint64_t rounds_of_ends = 0;

    HOLDFAST_DETAIL_RARE void add(child &one) noexcept {
        const mutex_hold hold(mutex);
        one.next = first;
        first = &one;
    }

    /// Does nothing if it is not in the chain (any more): a forked child's chain starts empty.
    /// While another thread is ending it, that thread uses it; this waits, detached, until then.
    HOLDFAST_DETAIL_RARE void remove(child &one) noexcept {
        const cancellation_held_off until_removed;
        mutex_hold hold(mutex);
        const std::uint64_t self = this_thread_ident();
        one_ended.wait(hold, [&] { return ending != &one || ender == self; });
        for (child **link = &first; *link != nullptr; link = &(*link)->next)
            if (*link == &one) {
                *link = one.next;
                return;
            }
    }

    /// After the gate was closed, for good or until it is opened again.
    HOLDFAST_DETAIL_RARE void tell_closing() noexcept {
        const mutex_hold hold(mutex);
        for (child *one = first; one != nullptr; one = one->next)
            if (one->closing != nullptr)
                one->closing(*one);
    }

    /// After a closed gate was opened.
    HOLDFAST_DETAIL_RARE void tell_reopened() noexcept {
        const mutex_hold hold(mutex);
        for (child *one = first; one != nullptr; one = one->next)
            if (one->reopened != nullptr)
                one->reopened(*one);
    }

    HOLDFAST_DETAIL_RARE bool has_one_to_end() noexcept {
        const mutex_hold hold(mutex);
        for (const child *one = first; one != nullptr; one = one->next)
            if (one->end != nullptr && one->asked_in != has_ended)
                return true;
        return false;
    }

    static constexpr std::uint64_t has_ended = ~std::uint64_t{0};  // child::asked_in

    /// One thread at a time has a round: it uses the child that it was given, and remove()
    /// waits for one child. 0: another thread has one until the deadline, or a function that this
    /// round calls has asked for another. Detached: it waits.
    HOLDFAST_DETAIL_RARE std::uint64_t begin_round_of_ends(
        std::chrono::steady_clock::time_point deadline) {
        mutex_hold hold(mutex);
        const std::uint64_t self = this_thread_ident();
        const auto is_free = [this] { return ender == 0; };
        if (ender == self)
            return 0;
        if (deadline == std::chrono::steady_clock::time_point::max())
            one_ended.wait(hold, is_free);
        else if (!one_ended.wait_until(hold, deadline, is_free))
            return 0;
        ender = self;
        return ++rounds_of_ends;
    }

    HOLDFAST_DETAIL_RARE void end_round_of_ends() noexcept {
        {
            const mutex_hold hold(mutex);
            ender = 0;
        }
        one_ended.notify_all();
    }

    /// A child that was not returned in this round yet, and has not ended; null if there is none.
    /// Nobody deletes it before ended_one(). By the thread that has the round.
    HOLDFAST_DETAIL_RARE child *next_to_end(std::uint64_t round) noexcept {
        const mutex_hold hold(mutex);
        for (child *one = first; one != nullptr; one = one->next)
            if (one->end != nullptr && one->asked_in != round && one->asked_in != has_ended) {
                one->asked_in = round;
                ending = one;
                return one;
            }
        return nullptr;
    }

    /// The caller is done with it, and its end() may have deleted it.
    /// \param for_good  it has ended, and need not be asked again.
    HOLDFAST_DETAIL_RARE void ended_one(bool for_good) noexcept {
        {
            const mutex_hold hold(mutex);
            // If it was deleted, another may have its address by now, and was not asked in this round.
            for (child *one = first; for_good && one != nullptr; one = one->next)
                if (one == ending && one->asked_in == rounds_of_ends)
                    one->asked_in = has_ended;
            ending = nullptr;
        }
        one_ended.notify_all();
    }
};

/// For a child of next_to_end().
struct child_given_back {
    child_chain &chain;
    bool for_good = false;
    ~child_given_back() { chain.ended_one(for_good); }
};

/// The calling thread's round, if it has one.
class round_of_ends {
public:
    round_of_ends(child_chain &chain, std::chrono::steady_clock::time_point deadline)
        : chain_(chain), number_(chain.begin_round_of_ends(deadline)) {}
    round_of_ends(const round_of_ends &) = delete;
    round_of_ends &operator=(const round_of_ends &) = delete;
    ~round_of_ends() {
        if (number_ != 0)
            chain_.end_round_of_ends();
    }
    explicit operator bool() const noexcept { return number_ != 0; }
    [[nodiscard]] child *next() noexcept {
        return number_ != 0 ? chain_.next_to_end(number_) : nullptr;
    }

private:
    child_chain &chain_;
    const std::uint64_t number_;
};

}  // namespace holdfast::detail
