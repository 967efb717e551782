// Random programs of threads, against random moments of finalize, over a number of interpreters' lives.
//
// Arguments: milliseconds, and how many lives at most. HOLDFAST_SEED repeats the decisions of a run; the
// scheduler's are its own. Ends with status 0, with 3 where something does not hold, or not at all.

#include "thread_track.hpp"

#include <dlfcn.h>

namespace {

using stress::dice;
using stress::world;

const interop_library &load_library() {
    void *const library =
        dlopen(check::library("interop_library_one.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    MUST(library != nullptr);
    const auto function =
        reinterpret_cast<const interop_library *(*)()>(dlsym(library, "interop_library_one"));
    MUST(function != nullptr);
    return *function();
}

/// finalize() with one random limit after another, reopened at times, until it is done.
void finalize_somehow(holdfast::interpreter &python, world &shared, dice &random) {
    const std::chrono::milliseconds limits[] = {
        std::chrono::milliseconds(0), std::chrono::milliseconds(1), std::chrono::milliseconds(20),
        std::chrono::seconds(30)};
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
        const bool by_attached = random.once_in(4);
        const PyGILState_STATE before = by_attached ? PyGILState_Ensure() : PyGILState_UNLOCKED;
        const holdfast::finalize_report report = python.finalize(limits[random.next() % 4]);
        if (report)
            break;
        if (by_attached)
            PyGILState_Release(before);
        if (std::chrono::steady_clock::now() - begun > std::chrono::seconds(40)) {
            std::fprintf(stderr, "%s", report.text().c_str());
            MUST(!"finalize() comes to no end");
        }
        if (random.once_in(3)) {
            python.reopen();
            random.dawdle();
        }
    }
    shared.gone.store(true);
}

/// One life of Python. Its counts are added to `total`.
void live(std::uint64_t seed, const interop_library &library, stress::counters &total) {
    dice random(seed);
    world shared(library);
    std::vector<std::thread> threads;
    {
        holdfast::interpreter python;
        shared.view = python;
        holdfast::exec(stress::python_side);
        const std::uint64_t count = 2 + random.next() % 7;
        for (std::uint64_t i = 0; i < count; ++i)
            threads.emplace_back([&shared, lane_seed = random.next()] {
                stress::thread_track(shared, lane_seed, 0, 60).run();
            });
        const long moment = static_cast<long>(random.next() % (count * 150));
        for (int turns = 0; turns < 2000 && shared.count.operations.load() < moment; ++turns)
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        if (!random.once_in(8))
            finalize_somehow(python, shared, random);
    }  // the destructor finalizes where nobody has
    shared.gone.store(true);
    const stress::counters &count = shared.count;
    MUST(count.admitted.load() == count.completed.load());
    MUST(!holdfast::attach_guard(shared.view, std::nothrow));
    for (std::thread &thread : threads)
        thread.join();
    MUST(count.called.load() == count.returned.load());
    total.operations += count.operations;
    total.admitted += count.admitted;
    total.refused += count.refused;
    total.called += count.called;
    total.threads += count.threads + static_cast<long>(threads.size());
    total.forks += count.forks;
    total.finalizers += count.finalizers;
}

}  // namespace

int main(int argc, char **argv) {
    const stress::clock time(argc, argv);
    const long lives = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 20;
    dice seeds(stress::seed());
    struct sigaction quiet{};
    quiet.sa_handler = [](int) {};  // no SA_RESTART: whoever waits sees EINTR
    MUST(sigaction(SIGUSR1, &quiet, nullptr) == 0);
    stress::watch_forks();
    const interop_library &library = load_library();
    stress::counters total;
    long life = 0;
    for (; life < lives && !time.over(); ++life)
        live(seeds.next(), library, total);
    std::printf(
        "%ld lives, %ld operations, %ld threads, %ld admitted, %ld refused, %ld calls, %ld forks, "
        "%ld finalizers\n",
        life, total.operations.load(), total.threads.load(), total.admitted.load(),
        total.refused.load(), total.called.load(), total.forks.load(), total.finalizers.load());
    return 0;
}
