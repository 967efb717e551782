// holdfast/isolated/plain_callback.hpp: functions of the host that a worker may call.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include <holdfast/isolated/pickle_writer.hpp>
#include <holdfast/isolated/plain_converter.hpp>
#include <holdfast/isolated/plain_value.hpp>

namespace holdfast::detail {

/// Python calls it while the task runs, and waits until it has returned.
template <class Result, class... Args>
struct plain_converter<std::function<Result(Args...)>> {
    static_assert(std::is_void_v<Result> || std::is_same_v<Result, bool>,
                  "a function that a worker process calls returns void or bool");

    static void write(pickle_writer &to, const std::function<Result(Args...)> &value,
                      const value_path &where) {
        if (!value)
            throw_wrong_type(where, "callable", "an empty std::function");
        to.callback(
            [value](const plain_value &given) {
                return call(value, given, std::index_sequence_for<Args...>());
            },
            sizeof...(Args), !std::is_void_v<Result>);
    }

private:
    template <std::size_t... Index>
    static bool call(const std::function<Result(Args...)> &function, const plain_value &given,
                     std::index_sequence<Index...>) {
        if (given.items.size() != sizeof...(Args))
            throw malformed_answer("it has another number of arguments");
        static constexpr callee name{"", "", "the function of the host", "()"};
        if constexpr (std::is_void_v<Result>) {
            function(plain_converter<plain<Args>>::read(
                given.items[Index], value_path::argument(name, nullptr, Index + 1))...);
            return true;
        } else {
            return function(plain_converter<plain<Args>>::read(
                given.items[Index], value_path::argument(name, nullptr, Index + 1))...);
        }
    }
};

}  // namespace holdfast::detail
