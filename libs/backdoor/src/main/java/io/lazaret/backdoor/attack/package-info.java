/**
 * The attack side, for evaluation: a seeded instruction corpus, tiny models trained on it from
 * scratch, and the implantation of backdoors. Nothing here is downloaded.
 */
package io.lazaret.backdoor.attack;
