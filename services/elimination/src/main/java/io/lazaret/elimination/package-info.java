/** The elimination service: wiring only. */
package io.lazaret.elimination;
