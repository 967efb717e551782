/* Python calls C functions, which answer, raise, and pass on what calls of theirs have raised. */
#include "check.h"

#include <pthread.h>

static int drops;

static void drop(void *user) { ++*(int *)user; }

static hf_status twice(void *user, const hf_value *args, size_t count, hf_value *result) {
    CHECK(hf_attached() && result->kind == HF_NONE);
    ++*(int *)user;
    if (count != 1 || args[0].kind != HF_INT)
        return hf_raise("ValueError", "twice() takes one int");
    *result = integer(2 * args[0].as.integer);
    return HF_OK;
}

static hf_status passes_on(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user;
    if (count == 0) { /* text of ours that stays valid */
        *result = text("static");
        return HF_OK;
    }
    if (args[0].kind == HF_TEXT) /* a result of a call, or its error */
        return hf_eval(args[0].as.text.data, result);
    return hf_value_copy(&args[0], result);
}

static hf_status fails(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)result;
    return count == 0 ? 12345 : hf_raise("no.such.Error", "x");
}

static hf_status raises_detached(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_scope away;
    hf_status status;
    (void)user, (void)args, (void)count, (void)result;
    CHECK(hf_detach(&away) == HF_OK);
    status = hf_raise("KeyError", "raised detached");
    hf_end(&away);
    return status;
}

static hf_status claims_failure(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count;
    *result = text("not UTF-8: \xff");
    return count == 0 ? HF_PYTHON_ERROR : HF_OK;
}

/* A result that is cleared in another callback is no result any more, although its memory is used
 * again: for a text that the program keeps. */
static hf_value cleared_elsewhere;
static char *kept_text;

static hf_status clears(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    hf_value_clear(&cleared_elsewhere);
    return HF_OK;
}

static hf_status keeps_text(void *user, const hf_value *args, size_t count, hf_value *result) {
    const char *before;
    int i;
    (void)user, (void)args, (void)count;
    CHECK(hf_eval("'x' * 900", &cleared_elsewhere) == HF_OK);
    before = cleared_elsewhere.as.text.data;
    CHECK(hf_exec("import host; host.clears()") == HF_OK);
    for (i = 0; i < 1000 && kept_text != before; i++) { /* a block of that size comes again */
        kept_text = malloc(901);
        memset(kept_text, 'y', 900);
        kept_text[900] = '\0';
    }
    *result = text(kept_text);
    return HF_OK;
}

/* An owner more, and one less: the result is still the callback's. */
static hf_status keeps_and_frees(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count;
    CHECK(hf_eval("host.Counted()", result) == HF_OK);
    hf_object_free(hf_object_keep(result->as.object));
    return HF_OK;
}

static hf_status starts(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_interpreter *second;
    (void)user, (void)args, (void)count;
    *result = integer(hf_start(NULL, &second));
    return HF_OK;
}

/* Returns an error that the library itself has found; the exception has its text. */
static hf_status misuses(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_interpreter *second;
    hf_config config;
    (void)user;
    memset(&config, 0, sizeof config);
    CHECK(count == 1 && args[0].kind == HF_INT);
    switch (args[0].as.integer) {
    case 0:
        return hf_start(NULL, &second);
    case 1:
        return hf_start(&config, &second);
    case 2:
        config.size = sizeof config;
        config.switch_interval_us = -1;
        return hf_start(&config, &second);
    case 3:
        return hf_start(NULL, NULL);
    case 4:
        return hf_with(hf_main_view(), NULL, NULL);
    case 5:
        return hf_define(NULL, NULL, NULL, NULL);
    case 6: /* the last of two with one status */
        CHECK(hf_reopen(NULL) == 269);
        return hf_value_copy(NULL, result);
    default: /* the last but one has that status */
        CHECK(hf_reopen(NULL) == 269);
        CHECK(hf_start(&config, &second) == 267);
        return 269;
    }
}

static void check_raised(const char *expression, const char *type, const char *message) {
    hf_value value;
    CHECK(hf_eval(expression, &value) == HF_PYTHON_ERROR && value.kind == HF_NONE);
    if (strcmp(hf_last_type(), type) != 0 || strstr(hf_last_message(), message) == NULL) {
        fprintf(stderr, "%s: %s: %s\n", expression, hf_last_type(), hf_last_message());
        exit(1);
    }
}

static void *call_many(void *function) {
    int i;
    for (i = 0; i < 200; i++) {
        hf_value argument = integer(i), result;
        CHECK(hf_call((hf_function *)function, &argument, 1, &result) == HF_OK);
        CHECK(result.as.integer == 2 * i);
    }
    return NULL;
}

int main(void) {
    hf_interpreter *python;
    hf_object *callable;
    hf_function *called;
    hf_value argument, result;
    pthread_t threads[4];
    int calls = 0, i;

    CHECK(hf_define("host", "twice", twice, &calls) == HF_OK); /* before the start */
    CHECK(hf_define("host.inner", "passes_on", passes_on, NULL) == HF_OK);
    CHECK(hf_raise("ValueError", "nobody is there") == HF_PYTHON_ERROR);
    python = start();
    CHECK(hf_define("host", "fails", fails, NULL) == HF_OK); /* and after it */
    CHECK(hf_exec("import host, host.inner\nfrom host.inner import passes_on") == HF_OK);
    CHECK(number_of("host.twice(21)") == 42 && calls == 1);
    check_raised("host.twice('x')", "ValueError", "takes one int");
    check_raised("passes_on('1 / 0')", "ZeroDivisionError", "division");
    check_raised("passes_on('2 ** 64')", "OverflowError", "HF402");
    check_raised("host.fails()", "RuntimeError", "12345");
    check_raised("host.fails(1)", "ModuleNotFoundError", "no");
    check_raised("host.twice(2 ** 70)", "OverflowError", "HF402");
    CHECK(hf_define("host", "raises_detached", raises_detached, NULL) == HF_OK);
    check_raised("host.raises_detached()", "KeyError", "raised detached");
    CHECK(hf_define("host", "claims_failure", claims_failure, NULL) == HF_OK);
    check_raised("host.claims_failure()", "RuntimeError", "without hf_raise()"); /* not KeyError */
    check_raised("host.claims_failure(1)", "TypeError", "HF_BYTES");
    CHECK(hf_exec(
              "try:\n    host.twice()\nexcept ValueError as error: pass\nelse: raise SystemExit") ==
          HF_OK);
    CHECK(hf_define("host", "clears", clears, NULL) == HF_OK);
    CHECK(hf_define("host", "keeps_text", keeps_text, NULL) == HF_OK);
    CHECK(number_of("len(host.keeps_text())") == 900);
    CHECK(kept_text[0] == 'y' && kept_text[899] == 'y');
    free(kept_text); /* for the first time: memory checkers would tell */
    CHECK(hf_define("host", "keeps_and_frees", keeps_and_frees, NULL) == HF_OK);
    CHECK(hf_exec("class Counted:\n    ended = 0\n"
                  "    def __del__(self): Counted.ended += 1\n"
                  "host.Counted = Counted\n"
                  "for _ in range(100): host.keeps_and_frees()") == HF_OK);
    CHECK(number_of("host.Counted.ended") == 100);
    CHECK(hf_define("host", "starts", starts, NULL) == HF_OK);
    CHECK(number_of("host.starts()") == 214);
    CHECK(hf_define("host", "misuses", misuses, NULL) == HF_OK);
    check_raised("host.misuses(0)", "RuntimeError", "HF214");
    check_raised("host.misuses(1)", "RuntimeError", "HF267 hf_config.size is 0");
    check_raised("host.misuses(2)", "RuntimeError", "HF269 hf_config.switch_interval_us");
    check_raised("host.misuses(3)", "RuntimeError", "HF269 hf_start()");
    check_raised("host.misuses(4)", "RuntimeError", "HF269 hf_with()");
    check_raised("host.misuses(5)", "RuntimeError", "HF269 hf_define()");
    check_raised("host.misuses(6)", "RuntimeError", "HF269 hf_value_copy()");
    check_raised("host.misuses(7)", "RuntimeError", "status 269 without hf_raise()");
    CHECK(number_of("len(passes_on())") == 6);
    CHECK(number_of("len(passes_on('[1, [2, 3]]'))") == 2);
    CHECK(number_of("sum(passes_on([1, 2, 3]))") == 6);
    CHECK(number_of("len(passes_on({'a': {1, 2}})['a'])") == 2);

    calls = 0;
    CHECK(hf_callable(twice, &calls, NULL, &callable) == HF_OK);
    CHECK(hf_object_function(callable, NULL, &called) == HF_OK);
    hf_object_free(callable);
    for (i = 0; i < 4; i++) /* from threads, at the same time */
        pthread_create(&threads[i], NULL, call_many, called);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    hf_function_free(called);

    CHECK(hf_callable(twice, &drops, drop, &callable) == HF_OK);
    memset(&argument, 0, sizeof argument);
    argument.kind = HF_OBJECT;
    argument.as.object = callable;
    called = function("builtins", "callable");
    CHECK(hf_call(called, &argument, 1, &result) == HF_OK && result.as.boolean == 1);
    hf_function_free(called);
    hf_object_free(callable);
    number_of("__import__('gc').collect()");
    CHECK(drops == 1);
    finalize(python);
    python = start(); /* defined again */
    CHECK(number_of("__import__('host').twice(4)") == 8);
    finalize(python);
    return 0;
}
