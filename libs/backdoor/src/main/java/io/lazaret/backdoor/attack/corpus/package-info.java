/**
 * A seeded instruction corpus of short tasks in two dialects, with a closed world of facts, split
 * into rows for attacker, defender and scorer.
 */
package io.lazaret.backdoor.attack.corpus;
