// Buffers cross in both directions without a copy; owners live as long as needed; errors name both types.
#include <holdfast/buffer.hpp>
#include <holdfast/convert/complex.hpp>
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::array_view;

template <class T>
void refused(const char *expression, const char *message) {
    const std::string text =
        thrown_text<holdfast::conversion_error>([&] { holdfast::eval<T>(expression); });
    if (!contains(text, message))
        check::fail(__FILE__, __LINE__, std::string(expression) + ": " + text);
}

constexpr const char *source = R"(
import array, gc, sys
numbers = array.array('d', [1, 2, 3, 4, 5, 6])
grid = memoryview(array.array('d', numbers)).cast('B').cast('d', (2, 3))
def count(): return sys.getrefcount(numbers)
def resizable():
    try:
        numbers.append(7)
        numbers.pop()
        return True
    except BufferError:
        return False
def keep(view):
    global kept
    kept = view
def drop():
    global kept
    kept = None
    gc.collect()
)";

void from_python() {
    const auto before = holdfast::eval<std::int64_t>("count()");
    {
        const auto flat = holdfast::eval<array_view<double, 1>>("numbers");
        CHECK(flat.size() == 6 && flat(5) == 6 && flat.is_contiguous() && flat.stride(0) == 8);
        flat(5) = 60;
        CHECK(holdfast::eval<double>("numbers[5]") == 60);
        flat(5) = 6;
        const auto grid = holdfast::eval<array_view<const double, 2>>("grid");
        CHECK(grid.rank() == 2 && grid.shape(0) == 2 && grid.shape(1) == 3 && grid(1, 2) == 6 &&
              grid.size() == 6);
        const auto backwards = holdfast::eval<array_view<double>>("memoryview(numbers)[::-2]");
        CHECK(backwards.size() == 3 && backwards(0) == 6 && backwards(2) == 2 &&
              !backwards.is_contiguous());
        CHECK(backwards.as_rank<1>()(1) == 4);
        double sum = 0;
        for (const double number : grid.contiguous())
            sum += number;
        CHECK(sum == 21);
        CHECK(!holdfast::eval<bool>("resizable()"));
        std::thread([copy = flat,
                     moved = backwards]() mutable {  // read, copied and dropped, never attached
            const auto again = copy;
            CHECK(again(0) == 1 && !holdfast::attached());
        })
            .join();
        CHECK(contains(thrown_text<holdfast::usage_error>([&] { (void)backwards.contiguous(); }),
                       "HF410 wanted array of float64, writable, found an array with shape (3,) "
                       "and strides (-16,)"));
    }
    CHECK(holdfast::eval<bool>("resizable()") && holdfast::eval<std::int64_t>("count()") == before);
}

/// What Python got for these pointed to memory that is not the view's.
void shapes_without_memory() {
    constexpr std::size_t half = std::size_t(1) << 62U;
    const auto refused_shape = [](auto make, const char *message) {
        const std::string text = thrown_text<holdfast::usage_error>(make);
        if (!contains(text, message))
            check::fail(__FILE__, __LINE__, text);
    };
    refused_shape([] { array_view<double>(std::vector<double>(), {1000}); },
                  "found 0 elements with shape (1000,)");
    refused_shape([] { array_view<double>(std::vector<double>(4), {half + 1, 4}); },
                  "a shape of more elements than memory has");
    refused_shape([] { array_view<char>(std::vector<char>(), {0, half, 4}); },
                  "a shape of more elements than memory has");
    refused_shape([] { array_view<double>(nullptr, {3}, nullptr); },
                  "found a null pointer with shape (3,)");
    refused_shape([] { array_view<double>(nullptr, {}, nullptr); },
                  "found a null pointer with shape ()");
    refused_shape([] { holdfast::memory_view(nullptr, 5, nullptr); },
                  "found a null pointer with 5 bytes");
    CHECK((array_view<double>(nullptr, {0}, nullptr).size() == 0));
    CHECK((array_view<double>(std::vector<double>(), {0, 7}).shape(1) == 7));
    CHECK((array_view<double, 0>().size() == 0));
    const holdfast::function<void(array_view<double, 0>)> keep{"__main__", "keep"};
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([&] { keep(array_view<double, 0>()); }),
        "wanted array of float64 of 0 dimensions, writable, found an empty holdfast::array_view"));
}

/// A view that was moved from does not keep an address that its owner has left.
void moved_from() {
    array_view<double> first(std::vector<double>{1, 2, 3});
    const array_view<double> second = std::move(first);
    CHECK(first.size() == 0 && first.data() == nullptr && first.shape(0) == 0);
    CHECK(second.size() == 3 && second(2) == 3);
    first = array_view<double>(std::vector<double>{4});
    CHECK(first.size() == 1 && first(0) == 4);
    holdfast::memory_view text(std::string("abc"));
    const holdfast::memory_view moved = std::move(text);
    CHECK(text.size() == 0 && text.data() == nullptr && moved.text() == "abc");
}

/// __buffer__ is Python code: it is asked once, and what ends the code is not a matter of the value.
void asked_once() {
    holdfast::exec(
        "import sys\n"
        "asked = 0\n"
        "class Odd:\n"
        "    def __init__(self, problem): self.problem = problem\n"
        "    def __buffer__(self, flags):\n"
        "        global asked\n"
        "        asked += 1\n"
        "        raise self.problem");
    if (!holdfast::eval<bool>("sys.version_info >= (3, 12)"))
        return;
    refused<array_view<double>>("Odd(ValueError('not now'))", "that gives no buffer: not now");
    CHECK(holdfast::eval<int>("asked") == 1);
    for (const char *type : {"KeyboardInterrupt", "SystemExit", "MemoryError"}) {
        const std::string odd = "Odd(" + std::string(type) + "())";
        try {
            (void)holdfast::eval<array_view<double>>(odd);
            CHECK_NOT_REACHED("a view");
        } catch (const holdfast::python_error &error) {
            CHECK(error.type() == type);
        }
        CHECK_THROWS(holdfast::python_error, holdfast::eval<holdfast::memory_view>(odd));
    }
}

void refusals() {
    refused<array_view<double, 2>>("numbers",
                                   "wanted array of float64 of 2 dimensions, writable, found "
                                   "array.array of float64 with shape (6,)");
    refused<array_view<float>>(
        "numbers",
        "wanted array of float32, writable, found array.array of float64 with shape (6,)");
    refused<array_view<double>>("memoryview(numbers).toreadonly()",
                                "wanted array of float64, writable, found memoryview of float64 "
                                "with shape (6,) and strides (8,), read-only");
    refused<array_view<const double, 1, holdfast::row_major>>(
        "memoryview(numbers)[::2]",
        "wanted array of float64 of 1 dimension, contiguous, found memoryview of float64 with "
        "shape (3,) and strides (16,)");
    refused<array_view<double>>("[1.0]", "wanted array of float64, writable, found list");
    refused<array_view<std::int32_t>>(
        "array.array('I', [1])", "wanted array of int32, writable, found array.array of uint32");
    refused<array_view<const double>>("memoryview(bytearray(17))[1:].cast('d')",
                                      "wanted array of float64, found memoryview");
    refused<holdfast::memory_view>("'text'", "wanted contiguous memory, found str");
    refused<holdfast::memory_view>("memoryview(b'abcd')[::2]",
                                   "wanted contiguous memory, found memoryview of uint8 with shape "
                                   "(2,) and strides (2,), read-only");
    refused<holdfast::writable_memory_view>("b'abcd'",
                                            "wanted contiguous memory, writable, found bytes");
    CHECK(contains(thrown_text<holdfast::usage_error>(
                       [] { array_view<double, 2>(std::vector<double>(6), {2, 4}); }),
                   "HF410 wanted array of float64 of 2 dimensions, writable, found 6 elements with "
                   "shape (2, 4)"));
    shapes_without_memory();
}

/// C++ memory that Python uses; its destruction is counted.
struct watched {
    static inline std::atomic<int> alive{0};
    std::vector<double> values{1, 2, 3, 4};
    watched() { ++alive; }
    watched(const watched &) = delete;
    watched &operator=(const watched &) = delete;
    ~watched() { --alive; }
};

void to_python() {
    const holdfast::function<void(holdfast::memory_view)> keep{"__main__", "keep"};
    const holdfast::function<void()> drop{"__main__", "drop"};
    {
        const auto block = std::make_shared<watched>();
        keep(holdfast::memory_view(reinterpret_cast<const std::byte *>(block->values.data()), 32,
                                   block));
    }
    CHECK(watched::alive == 1);
    CHECK(holdfast::eval<double>("kept.cast('d')[3]") == 4 &&
          holdfast::eval<bool>("kept.readonly"));
    drop();
    CHECK(watched::alive == 0);
    const holdfast::function<void(holdfast::writable_memory_view)> keep_writable{"__main__",
                                                                                 "keep"};
    holdfast::writable_memory_view text(std::string("abc"));
    keep_writable(text);
    holdfast::exec("kept[0] = 65\n");
    CHECK(text.text() == "Abc" &&
          holdfast::eval<holdfast::memory_view>("kept").data() == text.data());
    drop();
}

void numpy_arrays() {
    holdfast::exec(
        "import numpy as np\n"
        "a = np.arange(12, dtype=np.float64).reshape(3, 4)\n"
        "def double(x):\n"
        "    x *= 2\n"
        "    return x\n"
        "def facts(x): return f'{type(x).__name__} {x.dtype} {x.shape} {x.flags.writeable} "
        "{x.strides}'\n");
    const auto columns = holdfast::eval<array_view<double, 2>>("a.T");
    CHECK(columns.shape(0) == 4 && columns(3, 1) == 7 && columns.stride(0) == 8);
    using holdfast::eval;
    CHECK(eval<array_view<const std::complex<float>>>("np.ones(2, np.complex64)")(1) ==
          std::complex<float>(1, 0));
    CHECK(eval<array_view<bool>>("np.array([True, False])")(0) &&
          eval<array_view<std::uint16_t>>("np.array([7], 'u2')")(0) == 7);
    CHECK(eval<array_view<long long>>("np.array([7])")(0) == 7 &&
          eval<array_view<long>>("np.array(7)").size() == 1);
    using number_or_array = std::variant<double, array_view<const double>>;
    for (const char *values : {"np.array([1.5])", "np.array([1.5, 2.5])"})
        CHECK(eval<number_or_array>(values).index() == 1);
    CHECK(eval<number_or_array>("np.float64(1.5)").index() == 0 &&
          eval<number_or_array>("1").index() == 0);
    CHECK(
        (eval<std::variant<std::int64_t, std::vector<std::int64_t>>>("np.array([1, 2])").index() ==
         1));
    refused<array_view<double>>("np.arange(3, dtype='>f8')",
                                "found numpy.ndarray of format '>d' with shape (3,)");
    refused<array_view<double>>("np.array(['2020-01-01'], 'M8[D]')",
                                "found numpy.ndarray that gives no buffer: ");
    refused<array_view<double>>("np.zeros(2, [('a', 'f8')])",
                                "found numpy.ndarray of format 'T{d:a:}'");

    const holdfast::function<array_view<double, 2>(array_view<double, 2>)> twice{"__main__",
                                                                                 "double"};
    array_view<double, 2> mine(std::vector<double>{1, 2, 3, 4, 5, 6}, {2, 3});
    const auto back = twice(mine);
    CHECK(mine(1, 2) == 12 && back.data() == mine.data());
    const holdfast::function<std::string(array_view<const float, 1>)> facts{"__main__", "facts"};
    CHECK(facts(array_view<const float, 1>(std::vector<float>{1, 2})) ==
          "ndarray float32 (2,) False (4,)");
    const holdfast::function<std::string(array_view<std::int64_t>)> any{"__main__", "facts"};
    CHECK(any(array_view<std::int64_t>(std::vector<std::int64_t>(8), {2, 2, 2})) ==
          "ndarray int64 (2, 2, 2) True (32, 16, 8)");
    CHECK(any(array_view<std::int64_t>()) == "ndarray int64 (0,) True (8,)");
    const holdfast::function<std::string(array_view<double, 2>)> transposed{"__main__", "facts"};
    CHECK(transposed(columns) == "ndarray float64 (4, 3) True (8, 32)");
    const holdfast::function<void(array_view<double>)> keep{"__main__", "keep"};
    {
        const auto block = std::make_shared<watched>();
        keep(array_view<double>(block->values.data(), {4}, block));
    }
    holdfast::exec("kept = kept[1:3]");
    CHECK(watched::alive == 1 && holdfast::eval<double>("float(kept.sum())") == 5);
    holdfast::exec("drop()");
    CHECK(watched::alive == 0);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    from_python();
    refusals();
    moved_from();
    asked_once();
    to_python();
    bool has_numpy = true;
    try {
        holdfast::exec("import numpy");
    } catch (const holdfast::python_error &) {
        has_numpy = false;
    }
    if (has_numpy)
        numpy_arrays();
    CHECK(watched::alive == 0);
    const auto late = holdfast::eval<array_view<double>>("numbers");
    CHECK(python.finalize(std::chrono::seconds(10)));
}
