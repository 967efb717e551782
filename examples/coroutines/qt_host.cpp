// A window that stays alive while Python works. With --show it clicks its own buttons, prints what its label says, and ends.
#include "qt_adapter.hpp"

#include <holdfast/holdfast.hpp>

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QWidget>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

namespace {

// slow() ends only if the window's thread goes on meanwhile: its timer sets the event.
constexpr const char *source = R"(
import asyncio, threading
ticked = threading.Event()
def slow(text):
    if not text: raise ValueError("enter a word")
    ticked.clear()
    ticked.wait()
    return text[::-1]
async def for_ever(): await asyncio.sleep(3600)
)";
const holdfast::function<std::string(std::string)> slow{"__main__", "slow"};
const holdfast::function<holdfast::task<>()> for_ever{"__main__", "for_ever"};
const holdfast::function<void()> tick{"__main__", "ticked.set"};

class window : public QWidget {
    Q_OBJECT

public:
    explicit window(holdfast::executor &pool) : pool_(pool) {
        auto *const row = new QHBoxLayout(this);
        for (QWidget *const part : {static_cast<QWidget *>(&word), static_cast<QWidget *>(&go),
                                    static_cast<QWidget *>(&wait), static_cast<QWidget *>(&stop),
                                    static_cast<QWidget *>(&label)})
            row->addWidget(part);
        connect(&go, &QPushButton::clicked, this, [this] { begin(reverse()); });
        connect(&wait, &QPushButton::clicked, this, [this] { begin(wait_for_ever()); });
        connect(&stop, &QPushButton::clicked, this, [this] {
            if (running_)
                running_->request();
        });
        connect(&timer_, &QTimer::timeout, this, [] { tick(); });
        timer_.start(10);
    }

    QLineEdit word{"drawer"};
    QPushButton go{"Reverse"}, wait{"Wait"}, stop{"Stop"};
    QLabel label{"ready"};

signals:
    void said(const QString &text);

private:
    holdfast::coroutine<> reverse() {
        label.setText("working");
        const std::string answer =
            co_await holdfast::on(in_qt_loop(), pool_, slow, word.text().toStdString());
        show_text(answer);  // in the window's thread
    }
    holdfast::coroutine<> wait_for_ever() {
        label.setText("waiting");
        co_await holdfast::on(in_qt_loop(), for_ever());
    }
    void begin(holdfast::coroutine<> work) {
        running_ = start_for(this, std::move(work), [this](const std::exception &problem) {
            show_text(running_->requested() ? "stopped" : problem.what());
        });
    }
    void show_text(const std::string &text) {
        label.setText(QString::fromStdString(text));
        emit said(label.text());
    }

    holdfast::executor &pool_;
    QTimer timer_;
    std::optional<holdfast::cancellation> running_;
};

/// Clicks as a user would, each time the window has answered.
void click_through(window &shown) {
    QObject::connect(&shown, &window::said, &shown,
                     [&shown, step = 0](const QString &text) mutable {
                         std::printf("%s\n", text.section('\n', 0, 0).toStdString().c_str());
                         switch (++step) {
                         case 1:
                             shown.word.clear();
                             return shown.go.click();
                         case 2:
                             shown.wait.click();
                             return QTimer::singleShot(20, &shown.stop, &QPushButton::click);
                         default:
                             QApplication::quit();
                         }
                     });
    QTimer::singleShot(0, &shown, [&shown] { shown.go.click(); });
}

}  // namespace

int main(int argc, char **argv) {
    QApplication app(argc, argv);
    holdfast::interpreter python;
    holdfast::exec(source);
    {
        holdfast::executor pool(python, 2);
        window shown(pool);
        shown.show();
        if (app.arguments().contains("--show"))
            click_through(shown);
        QApplication::exec();
        if (!pool.drain(std::chrono::seconds(10)))
            std::puts("Python still works");
    }
    return python.finalize(std::chrono::seconds(10)) ? 0 : 1;
}

#include "qt_host.moc"
