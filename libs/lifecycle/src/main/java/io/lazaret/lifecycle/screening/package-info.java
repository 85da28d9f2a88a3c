/** A screening folded from its events: states, transition table, gate, verdicts. */
package io.lazaret.lifecycle.screening;
