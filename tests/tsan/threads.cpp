// Threads are born, attach, keep a state and end, while interpreters are started and finalized: thread
// records, interpreter records and their recycling, cached states, and dropped references.
//
// A state is a plain struct; so is an interpreter, which owns its states as CPython does and is freed when
// it has ended. ThreadSanitizer sees a state or an interpreter that is touched too late, or by two.

#include <holdfast/attach/deferred.hpp>
#include <holdfast/process/shared_records.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "stress.hpp"

using namespace holdfast::detail;
using holdfast::call_site;
using holdfast::closed_reason;

namespace {

constexpr std::size_t interpreter_count = 3;

struct interpreter;

struct state {
    interpreter *owner = nullptr;
    int calls = 0;  // written attached
};

struct interpreter {
    std::mutex gil;
    std::mutex list;              // guards `states`
    std::vector<state *> states;  // whoever takes one out deletes it
    std::uint64_t alive = 1;      // read attached; written at the end
};

struct world {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> attached{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> deleted_by_thread{0};
    std::atomic<std::uint64_t> deleted_by_end{0};
    std::atomic<std::uint64_t> dropped_too_late{0};
};
world shared;

void delete_state(state *gone) {
    interpreter &owner = *gone->owner;
    {
        const std::lock_guard<std::mutex> hold(owner.list);
        const auto found = std::find(owner.states.begin(), owner.states.end(), gone);
        MUST(found != owner.states.end());
        owner.states.erase(found);
    }
    ++gone->calls;
    delete gone;
}

/// What cached_state.hpp does with a real state: only inside the gate, only in its own generation.
void end_states(thread_record &self) noexcept {
    const auto end_one = [](thread_slot &slot) {
        if (slot.cached == nullptr || !slot.record->door.enter(slot.entry, call_site::current()))
            return;
        if (slot.record->generation.load(std::memory_order_acquire) == slot.cached_generation) {
            auto *const kept = static_cast<state *>(slot.cached);
            const std::lock_guard<std::mutex> attached(kept->owner->gil);
            delete_state(kept);
            shared.deleted_by_thread.fetch_add(1, std::memory_order_relaxed);
        }
        slot.cached = nullptr;
        slot.record->door.leave(slot.entry);
    };
    end_one(self.main_slot);
    for (thread_slot *slot = self.other_slots; slot != nullptr; slot = slot->next)
        end_one(*slot);
}

/// Attaches through a reference that may be old; leaves a reference for another thread to drop.
void attach_once(interpreter_ref ref, stress::dice &random) {
    thread_slot &slot = *slot_for(*this_thread(), *ref.record);
    if (!ref.record->door.enter(slot.entry, call_site::current())) {
        shared.refused.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {
        ref.record->door.leave(slot.entry);
        return;
    }
    auto *const here =
        static_cast<interpreter *>(ref.record->interpreter.load(std::memory_order_relaxed));
    MUST(process().find_record(here) == ref.record);
    if (slot.cached == nullptr || slot.cached_generation != ref.generation) {
        auto *const fresh = new state{here};
        const std::lock_guard<std::mutex> hold(here->list);
        here->states.push_back(fresh);
        slot.cached = fresh;
        slot.cached_generation = ref.generation;
    }
    {
        const std::lock_guard<std::mutex> attached(here->gil);
        MUST(here->alive == 1);
        ++static_cast<state *>(slot.cached)->calls;
        attached_generation = ref.generation;
        if (has_drops(*ref.record) && random.once_in(2))
            drop_now(*ref.record);
    }
    shared.attached.fetch_add(1, std::memory_order_relaxed);
    ref.record->door.leave(slot.entry);
}

void drop_somewhere(interpreter_ref ref) {
    auto *const object = new PyObject{ref.generation};
    if (drop_later(ref, object))
        return;
    delete object;  // nobody else knows it
    shared.dropped_too_late.fetch_add(1, std::memory_order_relaxed);
}

/// Newest references of the main and the sub-interpreters, read by all.
struct names {
    std::mutex mutex;
    interpreter_ref ref[interpreter_count];
    interpreter_ref get(std::size_t which) {
        const std::lock_guard<std::mutex> hold(mutex);
        return ref[which];
    }
    void set(std::size_t which, interpreter_ref now) {
        const std::lock_guard<std::mutex> hold(mutex);
        ref[which] = now;
    }
};
names known;

void short_life(std::uint64_t seed, std::uint64_t thread_track) {
    stress::dice random(seed, thread_track);
    interpreter_ref old{};
    for (std::uint64_t calls = random.next() % 8; calls > 0; --calls) {
        const interpreter_ref ref = known.get(random.next() % interpreter_count);
        if (ref.record == nullptr)
            continue;
        attach_once(ref, random);
        if (random.once_in(3))
            drop_somewhere(ref);
        if (old.record != nullptr && random.once_in(4)) {
            MUST(refusal(old) != closed_reason::no_memory);
            attach_once(old, random);
        }
        old = ref;
        random.dawdle();
    }
}

/// Starts and finalizes an interpreter again and again; a sub-interpreter takes a retired record.
void live_and_die(std::size_t which, std::uint64_t seed) {
    stress::dice random(seed, 100 + which);
    while (!shared.stop.load(std::memory_order_relaxed)) {
        auto here = std::make_unique<interpreter>();
        interpreter_record *const record =
            process().claim_record(here.get(), 1, which == 0, this_thread_ident()).record;
        const std::uint64_t generation = process().open_record(*record, here.get());
        process().end_claim(*record);
        known.set(which, {record, generation});
        for (std::uint64_t turns = random.next() % 64; turns > 0; --turns)
            std::this_thread::yield();
        record->door.close(closed_reason::finalizing);
        MUST(record->door.wait_empty(std::chrono::steady_clock::time_point::max()));
        {
            const std::lock_guard<std::mutex> attached(here->gil);
            attached_generation = generation;
            drop_now(*record);
            here->alive = 0;
            while (!here->states.empty()) {
                delete_state(here->states.back());
                shared.deleted_by_end.fetch_add(1, std::memory_order_relaxed);
            }
        }
        process().retire_record(*record);
    }
}

}  // namespace

int main(int argc, char **argv) {
    const stress::clock time(argc, argv);
    const std::uint64_t seed = stress::seed();
    process().on_thread_exit.store(&end_states);
    std::vector<std::thread> threads;
    for (std::size_t which = 0; which < interpreter_count; ++which)
        threads.emplace_back(live_and_die, which, seed);
    for (std::uint64_t nursery = 1; nursery <= 2; ++nursery)
        threads.emplace_back([nursery, seed] {
            for (std::uint64_t born = 0; !shared.stop.load(std::memory_order_relaxed); ++born)
                std::thread(short_life, seed, nursery + 10 * born).join();
        });
    while (!time.over())
        std::this_thread::yield();
    shared.stop.store(true);
    for (std::thread &thread : threads)
        thread.join();

    std::size_t records = 0;
    process().for_each_record_locked([&](interpreter_record &record) {
        ++records;
        MUST(record.door.count() == 0 && record.drops.load() == nullptr);
    });
    MUST(records == interpreter_count);  // a retired record is used again
    std::printf(
        "%llu attached, %llu refused, states deleted by their thread: %llu, by the end: %llu, "
        "dropped too late: %llu\n",
        static_cast<unsigned long long>(shared.attached.load()),
        static_cast<unsigned long long>(shared.refused.load()),
        static_cast<unsigned long long>(shared.deleted_by_thread.load()),
        static_cast<unsigned long long>(shared.deleted_by_end.load()),
        static_cast<unsigned long long>(shared.dropped_too_late.load()));
    return 0;
}
