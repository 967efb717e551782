// An HTTP server with native threads. Python answers: a WSGI application, and a typed function.
//
// server [--mode one|own-gil] [--threads N] [--interpreters N] [--port N] [--limit SECONDS]
//        [--linger MS] [--grace SECONDS]
#include "connections.hpp"
#include "gateway.hpp"
#include "scoring.hpp"

#include <httplib.h>
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include <signal.h>

namespace {

struct settings {
    bool own_gil = false;            // else all requests run in the one interpreter
    unsigned threads = 64;           // of the HTTP server; each serves one connection at a time
    unsigned interpreters = 0;       // with own_gil; 0: one for each core
    int port = 8000;                 // 0: any free port
    std::chrono::seconds limit{30};  // for the requests that are running at the end
    std::chrono::milliseconds linger{
        1000};  // how long late requests get a 503, before connections are refused
    std::chrono::seconds grace{10};  // then, for the connections that are still open
};

/// Runs typed functions: on the calling thread in the one interpreter, or in one of several by a
/// pool.
class python_side {
public:
    python_side(const holdfast::interpreter &python, const settings &chosen) {
        if (!chosen.own_gil) {
            holdfast::exec(
                "import gateway, scoring");  // an error in them shows now, not at the first request
            return;
        }
        holdfast::subinterpreter_pool_config config;
        config.threads = chosen.interpreters;
        config.name = "python";
        config.interpreter.imports = {"gateway", "scoring"};
        pool_.emplace(python, config);
    }

    template <class Result, class... Parameters, class... Arguments>
    Result call(const holdfast::function<Result(Parameters...)> &function,
                Arguments &&...arguments) {
        if (!pool_)
            return function(std::forward<Arguments>(arguments)...);
        return pool_->submit(function, std::forward<Arguments>(arguments)...).get();
    }

private:
    std::optional<holdfast::subinterpreter_pool> pool_;
};

struct counters {
    std::atomic<long> answered{0};
    std::atomic<long> refused{0};  // with 503, because Python was closing
};

/// Headers that the HTTP server makes itself.
bool is_of_the_server(std::string_view name) {
    return name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" ||
           name == "LOCAL_PORT";
}

void answer_by_wsgi(python_side &python, const httplib::Request &request,
                    httplib::Response &response) {
    gateway::Request asked;
    // HEAD is GET without the body, which the HTTP server leaves out.
    asked.method = request.method == "HEAD" ? "GET" : request.method;
    asked.target = {request.target};
    asked.version = request.version;
    asked.remote_address = request.remote_addr;
    asked.port = request.local_port;
    for (const auto &[name, value] : request.headers)
        if (!is_of_the_server(name))
            asked.headers.emplace_back(holdfast::bytes{name}, holdfast::bytes{value});
    asked.body = {request.body};

    const gateway::Reply reply = python.call(gateway::respond, asked);
    response.status = static_cast<int>(reply.status);
    for (const auto &[name, value] : reply.headers)
        if (name.data != "Content-Length")  // the HTTP server sets it
            response.set_header(name.data, value.data);
    response.body = reply.body.data;
}

void answer_by_score(python_side &python, const httplib::Request &request,
                     httplib::Response &response) {
    if (!request.has_param("text")) {
        response.status = 400;
        return response.set_content("{\"error\": \"text is missing\"}\n", "application/json");
    }
    const scoring::Score score = python.call(scoring::score, request.get_param_value("text"));
    char json[128];
    std::snprintf(json, sizeof json,
                  "{\"words\": %lld, \"longest\": %lld, \"mean_length\": %.3f}\n",
                  static_cast<long long>(score.words), static_cast<long long>(score.longest),
                  score.mean_length);
    response.set_content(json, "application/json");
}

/// What a handler threw.
void answer_by_error(counters &count, httplib::Response &response,
                     const std::exception_ptr &thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const holdfast::closed_error
                 &) {  // finalize() has begun: this request never entered Python
        ++count.refused;
        response.status = 503;
        response.set_header("Retry-After", "1");
        response.set_header("Connection",
                            "close");  // so that the client does not lose its next request
        response.set_content("the server is stopping\n", "text/plain");
    } catch (const holdfast::conversion_error &error) {  // e.g. a text that is not UTF-8
        response.status = 400;
        response.set_content(std::string(error.what()) + '\n', "text/plain");
    } catch (const std::exception &error) {
        std::fprintf(stderr, "server: %s\n", error.what());
        response.status = 500;
        response.set_content("internal error\n", "text/plain");
    }
}

void add_routes(httplib::Server &server, python_side &python, counters &count) {
    server.Get("/score", [&](const httplib::Request &request, httplib::Response &response) {
        answer_by_score(python, request, response);
        ++count.answered;
    });
    const httplib::Server::Handler wsgi = [&](const httplib::Request &request,
                                              httplib::Response &response) {
        answer_by_wsgi(python, request, response);
        ++count.answered;
    };
    const char *const anything = ".*";
    server.Get(anything, wsgi).Post(anything, wsgi).Put(anything, wsgi);
    server.Patch(anything, wsgi).Delete(anything, wsgi).Options(anything, wsgi);
    server.set_exception_handler(
        [&count](const httplib::Request &, httplib::Response &response,
                 const std::exception_ptr &thrown) { answer_by_error(count, response, thrown); });
}

/// \param[out] listening  the socket, once the server has bound it.
void configure(httplib::Server &server, const settings &chosen, open_connections &open,
               int &listening) {
    server.new_task_queue = [threads = chosen.threads, &open] {
        return new counting_threads(threads, open);
    };
    server.set_socket_options([&listening](int socket) {
        httplib::default_socket_options(socket);
        listening = socket;
    });
    server.set_keep_alive_max_count(1'000'000);
    // Longer than clients pause between requests: closing earlier would lose the next request.
    server.set_keep_alive_timeout(5);
    server.set_tcp_nodelay(true);
    // A connection keeps its thread. If there are more of them than threads, each gives its thread
    // to the next one after an answer.
    server.set_post_routing_handler(
        [threads = chosen.threads, &open](const httplib::Request &, httplib::Response &response) {
            if (open > threads)
                response.set_header("Connection", "close");
        });
}

/// Blocks these signals for sigwait(). Threads inherit that, so it must run before any thread
/// starts.
sigset_t hold_stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

settings read_settings(int argc, char **argv) {
    settings chosen;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view option = argv[i];
        const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
        const int number = std::atoi(value.data());
        if (option == "--mode" && (value == "one" || value == "own-gil"))
            chosen.own_gil = value == "own-gil";
        else if (option == "--threads" && number > 0)
            chosen.threads = static_cast<unsigned>(number);
        else if (option == "--interpreters" && number > 0)
            chosen.interpreters = static_cast<unsigned>(number);
        else if (option == "--port" && !value.empty())
            chosen.port = number;
        else if (option == "--limit" && number > 0)
            chosen.limit = std::chrono::seconds(number);
        else if (option == "--linger" && !value.empty())
            chosen.linger = std::chrono::milliseconds(number);
        else if (option == "--grace" && !value.empty())
            chosen.grace = std::chrono::seconds(number);
        else {
            std::fprintf(stderr, "server: cannot use %s %s; see the top of main.cpp\n", argv[i],
                         value.data());
            std::exit(2);
        }
    }
    return chosen;
}

int serve(const settings &chosen, const sigset_t &stop_signals) {
    holdfast::interpreter_config config;
    config.module_search_paths = {PYTHON_FOLDER};
    holdfast::interpreter python(config);
    python_side side(python, chosen);

    counters count;
    open_connections open{0};
    int listening_socket = -1;
    httplib::Server server;
    configure(server, chosen, open, listening_socket);
    add_routes(server, side, count);
    const int port = chosen.port != 0 ? chosen.port : server.bind_to_any_port("127.0.0.1");
    if (port < 0 || (chosen.port != 0 && !server.bind_to_port("127.0.0.1", port))) {
        std::fprintf(stderr, "server: cannot listen on port %d\n", chosen.port);
        return 1;
    }
    std::thread listening([&server] { server.listen_after_bind(); });
    std::printf("listening on http://127.0.0.1:%d\n", port);
    std::fflush(stdout);

    int signal = 0;
    sigwait(&stop_signals, &signal);
    // Requests in progress are answered. New ones are refused with 503 while the server still
    // listens.
    const holdfast::finalize_report report = python.finalize(chosen.limit);
    std::printf("%s", report.text().c_str());
    if (!report) {
        std::fflush(stdout);
        std::_Exit(1);  // a request does not end, and the server cannot wait for ever
    }
    std::this_thread::sleep_for(chosen.linger);
    ignore_new_clients(listening_socket);
    const unsigned cut = wait_for_connections(listening_socket, open, chosen.grace);
    std::printf("answered %ld, refused %ld\n", count.answered.load(), count.refused.load());
    if (cut > 0) {
        std::printf("cut %u connections that did not end within %lld s\n", cut,
                    static_cast<long long>(chosen.grace.count()));
        std::fflush(stdout);
        std::_Exit(1);  // a client that never ends its request would keep stop() waiting
    }
    server.stop();
    listening.join();
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    const settings chosen = read_settings(argc, argv);
    const sigset_t stop_signals = hold_stop_signals();
    try {
        return serve(chosen, stop_signals);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "server: %s\n", error.what());
        return 1;
    }
}
