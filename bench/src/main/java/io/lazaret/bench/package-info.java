/**
 * Side-by-side measurements: what is measured, how, and the one document that all of them print.
 */
package io.lazaret.bench;
