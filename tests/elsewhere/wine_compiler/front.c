/* g++.exe and gcc.exe under wine: mingw-w64's compilers of this machine, by way of translated.py.

   Wine starts programs of Linux, but gives no handle to wait for. So a file tells how one ended. */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>

enum { LONGEST = 1024 };

static const wchar_t *after_the_name(const wchar_t *line) {
    if (*line == L'"')
        return wcschr(line + 1, L'"') + 1;
    while (*line != L'\0' && *line != L' ')
        ++line;
    return line;
}

int wmain(void) {
    wchar_t self[LONGEST], program[LONGEST], said[LONGEST];
    GetModuleFileNameW(NULL, self, LONGEST);
    const wchar_t *name = wcsrchr(self, L'\\') + 1;
    const int folder = (int)(name - self);
    swprintf(program, LONGEST, L"%.*lstranslated.py", folder, self);
    swprintf(said, LONGEST, L"%.*lssaid-%lu", folder, self, GetCurrentProcessId());

    const wchar_t *arguments = after_the_name(GetCommandLineW());
    const size_t size = wcslen(arguments) + 2 * LONGEST;
    wchar_t *line = malloc(size * sizeof *line);
    swprintf(line, size, L"\"%ls\" said-%lu %ls%ls", program, GetCurrentProcessId(), name, arguments);
    STARTUPINFOW start = {sizeof start};
    PROCESS_INFORMATION started = {0};
    if (!CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &started))
        return 99;

    FILE *answer;
    while ((answer = _wfopen(said, L"rb")) == NULL)
        Sleep(10);
    int status = 98;
    if (fscanf(answer, "%d%*c", &status) != 1)
        status = 97;
    char text[4096];
    size_t got;
    while ((got = fread(text, 1, sizeof text, answer)) > 0)
        fwrite(text, 1, got, status == 0 ? stdout : stderr);
    fclose(answer);
    _wremove(said);
    return status;
}
