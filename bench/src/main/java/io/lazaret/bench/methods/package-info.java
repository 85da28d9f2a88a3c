/**
 * Every removal method on every victim: the tables and figures of the SANDE paper (arXiv
 * 2405.07667) on models that anyone can build again.
 */
package io.lazaret.bench.methods;
