/* Starts the Pythons that its arguments name ("-": none), one after the other, and says what it got.
 * An argument "isolated" or "backends=FOLDER" sets that field for those that follow. */
#include <holdfast/holdfast.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    hf_config config;
    int i;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    for (i = 1; i < argc; i++) {
        hf_interpreter *python;
        hf_value prefix;
        if (strcmp(argv[i], "isolated") == 0) {
            config.isolated = 1;
            continue;
        }
        if (strncmp(argv[i], "backends=", 9) == 0) {
            config.backend_folder = argv[i] + 9;
            continue;
        }
        config.python = strcmp(argv[i], "-") == 0 ? NULL : argv[i];
        if (hf_start(&config, &python) != HF_OK) {
            printf("%s\n", hf_last_message());
            continue;
        }
        if (hf_eval("__import__('sys').prefix", &prefix) != HF_OK)
            return 2;
        printf("%s in %s\n", hf_python_version(), prefix.as.text.data);
        hf_value_clear(&prefix);
        if (hf_finalize(python, -1, NULL) != HF_OK)
            return 3;
    }
    return 0;
}
