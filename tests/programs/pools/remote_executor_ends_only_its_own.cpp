// A remote_executor ends only the engine that its expression made, without affecting the engine's other users.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/pools/remote_executor.hpp>

#include <cstdio>
#include <string>

#include "check.hpp"

namespace {

const char *const engines = R"(
import concurrent.futures

said = []

class Plain:
    def submit(self, call, *arguments):
        future = concurrent.futures.Future()
        future.set_result(call(*arguments))
        return future

class Executor(Plain, concurrent.futures.Executor):
    def shutdown(self, wait=True, *, cancel_futures=False):
        said.append("shutdown")
    def close(self):
        said.append("close")

class LikeAnExecutor(Plain):
    def shutdown(self, wait=True):
        said.append("shutdown")

class Client(Plain):
    """As Dask's: its shutdown() stops the cluster for everybody."""
    def shutdown(self):
        said.append("the cluster")
    def close(self, timeout=None):
        said.append("close")

class View(Plain):
    def shutdown(self, targets=None, hub=False):
        said.append("the cluster")

class Box: pass

box = Box()
box.pool = pool = Executor()
pools = {"cpu": pool}
def find(): return pool
)";

struct row {
    const char *expression;
    const char *said;  // to the engine, at the end
};

const row table[] = {
    {"Executor()", "shutdown"},
    {"  Executor()", "shutdown"},
    {"find()", "shutdown"},
    {"(Executor())", "shutdown"},
    {"LikeAnExecutor()", "shutdown"},
    {"Client()", "close"},
    {"View()", ""},
    {"Plain()", ""},
    {"pool", ""},
    {" pool", ""},
    {"(pool)", ""},
    {"box.pool", ""},
    {"pools['cpu']", ""},
};

const holdfast::function<double(double, double)> add{"operator", "add"};

std::string said() { return holdfast::eval<std::string>("[' '.join(said), said.clear()][0]"); }

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(engines);
    int wrong = 0;
    for (const row &each : table) {
        {
            holdfast::remote_executor executor(python, each.expression);
            CHECK(executor.submit(add, 1, 2).get() == 3);
        }
        const std::string heard = said();
        if (heard != each.said) {
            std::printf("%s: '%s' instead of '%s'\n", each.expression, heard.c_str(), each.said);
            ++wrong;
        }
    }
    {
        holdfast::remote_executor executor(holdfast::eval<holdfast::object>("Executor()"));
        CHECK(executor.submit(add, 1, 2).get() == 3);
    }
    CHECK(said().empty());
    CHECK(wrong == 0);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
