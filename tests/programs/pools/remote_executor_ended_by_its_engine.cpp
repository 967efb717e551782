// An engine whose cancel() destroys the remote_executor does not end the process, nor wait for itself.
#include <holdfast/calls/run.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/remote_executor.hpp>

#include <chrono>
#include <future>
#include <optional>

#include "check.hpp"
#include "event.hpp"

namespace {

std::optional<holdfast::remote_executor> cluster;
event destroyed;

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import concurrent.futures\n"
        "class Call(concurrent.futures.Future):\n"
        "    def cancel(self):\n"
        "        super().cancel()\n"
        "        destroy()\n"
        "class Engine:\n"
        "    def submit(self, *call): return Call()\n");
    {
        const holdfast::attach_guard attached;
        const holdfast::object destroy = holdfast::callable("destroy", [] {
            cluster.reset();
            destroyed.set();
        });
        CHECK(PyObject_SetAttrString(PyImport_AddModule("__main__"), "destroy", destroy.get()) ==
              0);
    }
    cluster.emplace(python, "Engine()");
    const holdfast::function<int()> f{"builtins", "int"};
    holdfast::cancellation off;
    std::future<int> result = cluster->submit(off, f);
    off.request();
    CHECK_THROWS(holdfast::cancelled_error, result.get());
    destroyed.wait();
    CHECK(python.finalize(std::chrono::seconds(30)));
}
