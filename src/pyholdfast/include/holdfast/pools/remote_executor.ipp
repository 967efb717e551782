// holdfast/pools/remote_executor.ipp: the bodies of remote_executor.hpp.
#pragma once

#include <holdfast/pools/remote_executor.hpp>

#include <memory>
#include <utility>

namespace holdfast {

HOLDFAST_DETAIL_BODY remote_executor::remote_executor(object engine, remote_config config,
                                                      call_site site)
    : link_(std::make_shared<detail::remote_link>(engine.view(), std::move(config), site)) {
    begin([&] { return std::move(engine); }, nullptr, site);
}

HOLDFAST_DETAIL_BODY remote_executor::remote_executor(const interpreter_view &where,
                                                      std::string_view expression,
                                                      remote_config config, call_site site)
    : link_(std::make_shared<detail::remote_link>(where, std::move(config), site)) {
    const std::string text(expression);
    begin([&] { return eval<object>(expression, site); }, &text, site);
}

HOLDFAST_DETAIL_BODY remote_executor::~remote_executor() { link_->end(); }

HOLDFAST_DETAIL_BODY bool remote_executor::drain(std::chrono::milliseconds limit) {
    return link_->wait_idle(limit);
}

HOLDFAST_DETAIL_BODY void remote_executor::close() { link_->close(); }

HOLDFAST_DETAIL_BODY std::size_t remote_executor::waiting() const { return link_->waiting(); }

}  // namespace holdfast
