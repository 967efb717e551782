/* Included by declared_together.cpp, which closes the bracket. */
numbered.step(0 +
