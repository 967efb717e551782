// The few words that threads share without a lock, under every order that C++11 allows.
//
// Copies of what gate.hpp, registry.hpp and shared_records.ipp do with those words; the labels are
// gate.hpp's. Relacy runs each many times, with other interleavings and other stale values each
// time, as a processor with a weak memory order may have them. The pools' queue shares no such
// word: a mutex guards all of it.
//
// ./orders TEST [LABEL ORDER]   the order of one access is another one: a mutant
// Status 0: no fault; 1: a fault was found; 2: no such test or label.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include <relacy/relacy.hpp>

namespace {

constexpr unsigned long iterations = 300'000;

struct by_text {
    bool operator()(const char *a, const char *b) const { return std::strcmp(a, b) < 0; }
};
// Relacy replaces the allocation of the tests' code, but not that of the library: no std::string there.
std::map<const char *, rl::memory_order, by_text> orders = {
    // gate.hpp, where both sides pay for the barrier.
    {"E1", rl::mo_seq_cst},
    {"E3", rl::mo_seq_cst},
    {"L1", rl::mo_seq_cst},
    {"L3", rl::mo_seq_cst},
    {"C1", rl::mo_seq_cst},
    {"C3", rl::mo_seq_cst},
    // registry.hpp: open_record() and those who read a record.
    {"generation", rl::mo_release},
    {"first_generation", rl::mo_release},
    {"interpreter", rl::mo_release},
    {"open", rl::mo_seq_cst},
    {"read_first_generation", rl::mo_acquire},
    {"read_open", rl::mo_seq_cst},
    // shared_records.ipp: the process's record appears.
    {"appears", rl::mo_acq_rel},
    {"read_record", rl::mo_acquire},
};
bool wakes_under_the_mutex = true;

/// Two threads enter and leave; the third closes the gate, waits and ends the interpreter.
struct gate : rl::test_suite<gate, 3> {
    rl::atomic<int> state;
    rl::atomic<int> inside[2];
    rl::mutex mutex;
    rl::condition_variable emptier;
    rl::var<int> interpreter;  // not atomic: Relacy reports an unordered use as a race

    void before() {
        state($) = 0;
        inside[0]($) = 0;
        inside[1]($) = 0;
        interpreter($) = 1;
    }

    void thread(unsigned me) {
        if (me == 2)
            return close_and_end();
        inside[me]($).store(1, orders["E1"]);
        if (state($).load(orders["E3"]) == 0)
            RL_ASSERT(interpreter($) == 1);
        inside[me]($).store(0, orders["L1"]);
        if (state($).load(orders["L3"]) == 0)
            return;
        if (wakes_under_the_mutex) {  // L4
            mutex.lock($);
            mutex.unlock($);
        }
        emptier.notify_all($);
    }

    void close_and_end() {
        mutex.lock($);
        state($).store(1, orders["C1"]);
        mutex.unlock($);
        mutex.lock($);
        while (inside[0]($).load(orders["C3"]) + inside[1]($).load(orders["C3"]) != 0)  // W1
            emptier.wait(mutex, $);
        mutex.unlock($);
        interpreter($) = 0;
    }
};

/// One thread opens a record for an interpreter; two find its first run and enter it.
struct registry : rl::test_suite<registry, 3> {
    rl::atomic<int> generation;
    rl::atomic<int> first_generation;
    rl::atomic<int> interpreter;
    rl::atomic<int> state;
    rl::var<int> configuration;  // written before open_record(), read by threads inside

    void before() {
        generation($) = 0;
        first_generation($) = 0;
        interpreter($) = 0;
        state($) = 1;
        configuration($) = 0;
    }

    void thread(unsigned me) {
        if (me == 2) {
            configuration($) = 7;
            generation($).store(1, orders["generation"]);
            first_generation($).store(1, orders["first_generation"]);
            interpreter($).store(5, orders["interpreter"]);
            state($).store(0, orders["open"]);
            return;
        }
        const int first = first_generation($).load(orders["read_first_generation"]);
        if (first != 0)  // main_view(): whoever knows the first run finds its generation
            RL_ASSERT(generation($).load(rl::mo_relaxed) == first);
        if (state($).load(orders["read_open"]) != 0)  // E3
            return;
        RL_ASSERT(generation($).load(rl::mo_acquire) == 1);  // A2
        RL_ASSERT(interpreter($).load(rl::mo_relaxed) == 5);
        RL_ASSERT(configuration($) == 7);
    }
};

/// Three libraries of a process look for its record; who is first makes it.
struct process : rl::test_suite<process, 3> {
    rl::atomic<int *> record;
    rl::var<int> contents;

    void before() {
        record($) = static_cast<int *>(nullptr);
        contents($) = 0;
    }

    void thread(unsigned me) {
        static int made = 0;
        int *found = record($).load(orders["read_record"]);
        if (me == 0 && found == nullptr) {
            contents($) = 3;
            int *expected = nullptr;
            record($).compare_exchange_strong(expected, &made, orders["appears"]);
            found = &made;
        }
        if (found != nullptr)
            RL_ASSERT(contents($) == 3);
    }
};

rl::memory_order order_named(const char *name) {
    if (std::strcmp(name, "relaxed") == 0)
        return rl::mo_relaxed;
    if (std::strcmp(name, "acquire") == 0)
        return rl::mo_acquire;
    return std::strcmp(name, "release") == 0 ? rl::mo_release : rl::mo_acq_rel;
}

template <class Test>
int run() {
    rl::test_params parameters;
    parameters.iteration_count = iterations;
    parameters.search_type = rl::random_scheduler_type;
    return rl::simulate<Test>(parameters) ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc == 4) {
        if (std::strcmp(argv[2], "L4") == 0)
            wakes_under_the_mutex = false;
        else if (orders.count(argv[2]) == 0)
            return 2;
        else
            orders[argv[2]] = order_named(argv[3]);
    }
    const std::string test = argc > 1 ? argv[1] : "";
    if (test == "gate")
        return run<gate>();
    if (test == "registry")
        return run<registry>();
    return test == "process" ? run<process>() : 2;
}
