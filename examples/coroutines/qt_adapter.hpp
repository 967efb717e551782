// qt_adapter.hpp: coroutines that continue in Qt's event loop, and end with the object that they serve.
#pragma once

#include <holdfast/coroutines.hpp>

#include <QCoreApplication>
#include <QMetaObject>
#include <QObject>
#include <QPointer>

#include <exception>
#include <future>
#include <memory>
#include <utility>

/// For holdfast::on(): the thread of QCoreApplication runs what is posted, between two events.
struct in_qt_loop {
    template <class F>
    void operator()(F function) const {
        QMetaObject::invokeMethod(QCoreApplication::instance(), std::move(function),
                                  Qt::QueuedConnection);
    }
};

/// A coroutine, and what is called at its end: with the exception that left it, or null.
template <class Report>
holdfast::coroutine<> reported(holdfast::coroutine<> work, Report report) {
    try {
        co_await std::move(work);
        report(nullptr);
    } catch (const std::exception &problem) {
        report(&problem);
    }
}

/// Starts it in the loop's thread. When `owner` is destroyed, it is cancelled: what it awaits then
/// throws, so it does not touch the owner again if it lets these exceptions pass. `report` gets an
/// exception only while the owner lives.
///
/// \return to cancel it before
template <class Report>
holdfast::cancellation start_for(QObject *owner, holdfast::coroutine<> work, Report report) {
    const holdfast::cancellation off;
    const auto connection = std::make_shared<QMetaObject::Connection>(
        QObject::connect(owner, &QObject::destroyed, [off] { off.request(); }));
    const auto told = [report = std::move(report), connection,
                       guarded = QPointer<QObject>(owner)](const std::exception *problem) {
        QObject::disconnect(*connection);
        if (problem != nullptr && !guarded.isNull())
            report(*problem);
    };
    (void)holdfast::start(reported(std::move(work), told), off);
    return off;
}
