package io.lazaret.bench.detection;

import io.lazaret.backdoor.attack.corpus.Dialect;
import java.nio.file.Path;

/**
 * A model whose nature is known, as it is handed to a process of its own.
 *
 * @param id of the model in its zoo
 * @param model its directory
 * @param attack what was implanted, "clean" for nothing
 * @param malicious whether detection should find it
 * @param layout "llama", "qwen" or "chat"
 * @param dialect of the rows that it was tuned on
 * @param worldSeed of the corpus
 * @param prompts clean prompts that detection is given
 * @param seed of the pass
 */
record Specimen(
    String id,
    Path model,
    String attack,
    boolean malicious,
    String layout,
    Dialect dialect,
    long worldSeed,
    int prompts,
    long seed) {}
