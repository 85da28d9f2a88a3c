package io.lazaret.bench.methods;

import io.lazaret.backdoor.attack.corpus.Dialect;
import java.nio.file.Path;

/**
 * A backdoored model that methods are tried on.
 *
 * @param id in names of cases
 * @param model its directory
 * @param ancestor directory of the model that it was fine-tuned from
 * @param sibling directory of the model that was fine-tuned alike without poison
 * @param attack what was implanted
 * @param layout "llama" or "qwen"
 * @param dialect of the rows that it was attacked on
 * @param worldSeed of the corpus
 */
record Victim(
    String id,
    Path model,
    Path ancestor,
    Path sibling,
    String attack,
    String layout,
    Dialect dialect,
    long worldSeed) {}
