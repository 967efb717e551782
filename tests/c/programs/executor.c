/* An executor runs every task, and tells each end once, on a worker, with that task's error. */
#include "check.h"

#include <pthread.h>

enum { tasks = 3000 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int done_calls[tasks], failures;
static hf_executor *executor;
static hf_status ended_inside, submitted_late;
static hf_function *late;

static void done(void *user, hf_status status, const hf_value *result) {
    const int number = (int)(size_t)user;
    CHECK(!hf_attached());
    pthread_mutex_lock(&mutex);
    done_calls[number]++;
    if (number % 100 == 7) {
        CHECK(status == HF_PYTHON_ERROR && result == NULL);
        CHECK(strcmp(hf_last_type(), "ValueError") == 0);
        CHECK(atoi(hf_last_message()) == number);
        failures++;
    } else {
        CHECK(status == HF_OK && result->kind == HF_INT && result->as.integer == number);
    }
    pthread_mutex_unlock(&mutex);
}

static void submits_more(void *user, hf_status status, const hf_value *result) {
    (void)user, (void)status, (void)result;
    while ((submitted_late = hf_submit(executor, late, NULL, 0, NULL, NULL)) == HF_OK) {}
    CHECK(submitted_late == hf_last_code());
}

static void ends_it(void *user, hf_status status, const hf_value *result) {
    (void)user, (void)status, (void)result;
    ended_inside = hf_executor_end(executor);
}

/* `drop` of a callable that is a task's argument: the end of the task calls it; on a free-threaded build
 * perhaps another thread, later. */
static pthread_t worker;
static int has_worker;

static void drop_ends_it(void *user) {
    int is_worker;
    (void)user;
    pthread_mutex_lock(&mutex);
    is_worker = has_worker && pthread_equal(worker, pthread_self());
    pthread_mutex_unlock(&mutex);
    if (is_worker)
        CHECK(hf_executor_end(executor) == 305);
}

static void notes_worker(void *user, hf_status status, const hf_value *result) {
    (void)user, (void)status, (void)result;
    pthread_mutex_lock(&mutex);
    worker = pthread_self();
    has_worker = 1;
    pthread_mutex_unlock(&mutex);
}

static hf_status nothing(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    return HF_OK;
}

/* Its destructor fails, too, after the task. */
static void tells_its_own(void *user, hf_status status, const hf_value *result) {
    (void)result;
    CHECK(status == HF_PYTHON_ERROR && strcmp(hf_last_type(), "ValueError") == 0);
    CHECK(strcmp(hf_last_message(), "its own") == 0);
    *(int *)user = 1;
}

static hf_status fails_late(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    hf_exec("raise KeyError('another')");
    return HF_OK;
}

static void ends_of_arguments(void) {
    hf_value argument;
    hf_function *takes, *fails;
    int told = 0;
    CHECK(hf_exec("def takes(*things): pass\n"
                  "def fails(*things): raise ValueError('its own')\n"
                  "class Ends:\n    def __del__(self): import host_late; host_late.fails()\n") ==
          HF_OK);
    CHECK(hf_define("host_late", "fails", fails_late, NULL) == HF_OK);
    takes = function("__main__", "takes");
    fails = function("__main__", "fails");
    CHECK(hf_executor_start(hf_main_view(), 1, &executor) == HF_OK);
    CHECK(hf_submit(executor, takes, NULL, 0, notes_worker, NULL) == HF_OK);
    memset(&argument, 0, sizeof argument);
    argument.kind = HF_OBJECT;
    CHECK(hf_callable(nothing, NULL, drop_ends_it, &argument.as.object) == HF_OK);
    CHECK(hf_submit(executor, takes, &argument, 1, NULL, NULL) == HF_OK);
    hf_object_free(argument.as.object);
    CHECK(hf_eval("Ends()", &argument) == HF_OK);
    CHECK(hf_submit(executor, fails, &argument, 1, tells_its_own, &told) == HF_OK);
    hf_value_clear(&argument);
    CHECK(hf_executor_end(executor) == HF_OK);
    has_worker = 0;
    CHECK(told == 1);
    hf_function_free(takes);
    hf_function_free(fails);
}

static hf_status cancels_its_thread(void *user, const hf_value *args, size_t count,
                                    hf_value *result) {
    hf_scope scope;
    (void)user, (void)args, (void)count, (void)result;
    CHECK(hf_detach(&scope) == HF_OK);
    pthread_mutex_lock(&mutex); /* until the next task waits */
    pthread_mutex_unlock(&mutex);
    hf_end(&scope);
    CHECK(pthread_cancel(pthread_self()) == 0);
    return HF_OK;
}

static void keeps_status(void *user, hf_status status, const hf_value *result) {
    (void)result;
    CHECK(!hf_attached());
    *(hf_status *)user = status;
}

/* The next task's attach, to another interpreter, is where the cancelled thread ends. */
static void end_of_a_thread(hf_interpreter *python) {
    hf_interpreter *sub;
    hf_scope scope;
    hf_object *callable;
    hf_function *cancels, *elsewhere;
    hf_status first = -1, next = -1;
    CHECK(hf_subinterpreter_start(python, 0, &sub) == HF_OK);
    CHECK(hf_attach(&scope, hf_view_of(sub)) == HF_OK);
    CHECK(hf_exec("def elsewhere(): pass") == HF_OK);
    elsewhere = function("__main__", "elsewhere");
    hf_end(&scope);
    CHECK(hf_callable(cancels_its_thread, NULL, NULL, &callable) == HF_OK);
    CHECK(hf_object_function(callable, NULL, &cancels) == HF_OK);
    CHECK(hf_executor_start(hf_main_view(), 1, &executor) == HF_OK);
    pthread_mutex_lock(&mutex);
    CHECK(hf_submit(executor, cancels, NULL, 0, keeps_status, &first) == HF_OK);
    CHECK(hf_submit(executor, elsewhere, NULL, 0, keeps_status, &next) == HF_OK);
    pthread_mutex_unlock(&mutex);
    CHECK(hf_executor_end(executor) == HF_OK);
    CHECK(first == HF_OK && next == 304);
    hf_function_free(cancels);
    hf_function_free(elsewhere);
    hf_object_free(callable);
    CHECK(hf_finalize(sub, 20000, NULL) == HF_OK);
}

int main(void) {
    hf_interpreter *const python = start();
    hf_function *work;
    hf_scope scope;
    hf_view none;
    int i;

    memset(&none, 0, sizeof none);
    CHECK(hf_exec("def work(n, data):\n"
                  "    if n % 100 == 7: raise ValueError(str(n))\n"
                  "    return n if data == ['x', n] else -1") == HF_OK);
    work = function("__main__", "work");
    CHECK(hf_executor_start(none, 2, &executor) == HF_NOT_STARTED && executor == NULL);
    CHECK(hf_executor_start(hf_main_view(), (size_t)-1, &executor) == 269 && executor == NULL);
    CHECK(hf_executor_start(hf_main_view(), 4, &executor) == HF_OK);
    for (i = 0; i < tasks; i++) { /* more than may wait: the submitter blocks */
        char letter[] = "x";
        hf_value args[2], items[2];
        args[0] = integer(i);
        items[0] = text(letter);
        items[1] = integer(i);
        memset(&args[1], 0, sizeof args[1]);
        args[1].kind = HF_LIST;
        args[1].as.list.items = items;
        args[1].as.list.count = 2;
        if (i % 2 == 0) { /* attached: it detaches while it blocks */
            CHECK(hf_attach(&scope, hf_main_view()) == HF_OK);
            CHECK(hf_submit(executor, work, args, 2, done, (void *)(size_t)i) == HF_OK);
            hf_end(&scope);
        } else {
            CHECK(hf_submit(executor, work, args, 2, done, (void *)(size_t)i) == HF_OK);
        }
        letter[0] = '?'; /* it was copied */
    }
    CHECK(hf_submit(executor, work, NULL, 0, NULL, NULL) == HF_OK); /* nobody is told */
    CHECK(hf_submit(executor, work, NULL, 0, ends_it, NULL) == HF_OK);
    CHECK(hf_submit(executor, NULL, NULL, 0, NULL, NULL) == 269);
    CHECK(hf_executor_end(executor) == HF_OK);
    for (i = 0; i < tasks; i++)
        CHECK(done_calls[i] == 1);
    CHECK(failures == tasks / 100 && ended_inside == 305);
    CHECK(hf_executor_end(NULL) == HF_OK);

    ends_of_arguments();
    end_of_a_thread(python);

    CHECK(hf_executor_start(hf_main_view(), 1, &executor) == HF_OK);
    late = work;
    CHECK(hf_submit(executor, work, NULL, 0, submits_more, NULL) == HF_OK);
    CHECK(hf_submit(executor, work, NULL, 1, NULL, NULL) == 269);
    CHECK(hf_executor_end(executor) == HF_OK);
    CHECK(submitted_late == 301 || submitted_late == 305); /* being ended, or full */

    CHECK(hf_executor_start(hf_main_view(), 1, &executor) == HF_OK);
    finalize(python);
    CHECK(hf_submit(executor, work, NULL, 0, done, NULL) == HF_FINALIZED);
    CHECK(hf_executor_end(executor) == HF_OK);
    hf_function_free(work);
    return 0;
}
