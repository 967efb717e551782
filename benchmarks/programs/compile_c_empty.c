/* compile_c_empty.c: a program that does nothing and includes nothing. */
int main(void) { return 0; }
