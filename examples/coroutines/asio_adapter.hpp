// asio_adapter.hpp: a call of Python as an asynchronous operation of asio.
#pragma once

#include <asio.hpp>
#include <holdfast/coroutines.hpp>

#include <exception>
#include <future>
#include <type_traits>
#include <utility>

/// For holdfast::on(): posts to an executor of asio's, whose run() meanwhile does not return.
class asio_poster {
public:
    explicit asio_poster(const asio::any_io_executor &where) : work_(where) {}

    template <class F>
    void operator()(F function) const {
        asio::post(work_.get_executor(), std::move(function));
    }

private:
    asio::executor_work_guard<asio::any_io_executor> work_;
};

/// Completes with the call's result, or with its exception; for any completion token, such as
/// asio::use_awaitable. A cancellation of asio's cancels the call.
template <class T, class Token>
auto async_result_of(holdfast::pending<T, asio_poster> call, Token &&token) {
    constexpr bool is_void = std::is_void_v<T>;
    using signature = std::conditional_t<
        is_void, std::type_identity<void(std::exception_ptr)>,
        std::type_identity<void(std::exception_ptr, std::conditional_t<is_void, int, T>)>>::type;
    const auto initiate = [](auto handler, holdfast::pending<T, asio_poster> begun) {
        const holdfast::cancellation off;
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.assign([off](asio::cancellation_type) { off.request(); });
        std::move(begun).cancelled_by(off).then(
            [handler = std::move(handler)](std::future<T> ready) mutable {
                std::exception_ptr problem;
                if constexpr (is_void) {
                    try {
                        ready.get();
                    } catch (...) {
                        problem = std::current_exception();
                    }
                    std::move(handler)(problem);
                } else {
                    T value{};
                    try {
                        value = ready.get();
                    } catch (...) {
                        problem = std::current_exception();
                    }
                    std::move(handler)(problem, std::move(value));
                }
            });
    };
    return asio::async_initiate<Token, signature>(initiate, token, std::move(call));
}
