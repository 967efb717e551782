// If membarrier(2) is refused after the start, the closing thread visits every processor instead.
#include <holdfast/holdfast.hpp>

#include <cerrno>
#include <cstddef>

#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.hpp"

namespace {

cpu_set_t visited;  // by the only thread that closes gates here
bool refuse_visits = false;

void refuse_membarrier() {
    sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog filter{static_cast<unsigned short>(sizeof rules / sizeof rules[0]), rules};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

bool visits_all_of(const cpu_set_t &allowed) {
    cpu_set_t both;
    CPU_AND(&both, &visited, &allowed);
    return CPU_EQUAL(&both, &allowed) != 0;
}

}  // namespace

extern "C" int sched_setaffinity(pid_t thread, std::size_t size, const cpu_set_t *set) noexcept {
    using function = int (*)(pid_t, std::size_t, const cpu_set_t *);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "sched_setaffinity"));
    if (refuse_visits) {
        errno = EPERM;
        return -1;
    }
    const int result = real(thread, size, set);
    if (result == 0)
        CPU_OR(&visited, &visited, set);
    return result;
}

int main() {
    holdfast::interpreter python;
    if (!holdfast::detail::barriers_are_asymmetric())
        return 0;  // this kernel has no membarrier(2), and both sides pay from the start
    CHECK(holdfast::detail::process().closer_pays.load());  // whoever closes knows of it
    cpu_set_t allowed;
    CHECK(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    CPU_ZERO(&visited);
    {
        holdfast::subinterpreter other(python);
        CHECK(other.finalize(std::chrono::seconds(5)));
    }
    CHECK(CPU_COUNT(&visited) == 0);  // membarrier does it

    refuse_membarrier();
    {
        holdfast::subinterpreter other(python);
        CHECK(other.finalize(std::chrono::seconds(5)));
    }
    CHECK(visits_all_of(allowed));
    cpu_set_t after;
    CHECK(sched_getaffinity(0, sizeof after, &after) == 0 && CPU_EQUAL(&after, &allowed) != 0);

    refuse_visits = true;
    CHECK(python.finalize(std::chrono::seconds(5)));
}
