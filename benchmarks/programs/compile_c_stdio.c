/* compile_c_stdio.c: the smallest C program that prints. */
#include <stdio.h>

int main(void) { return puts("pass") < 0; }
