/** What the recipes of removal share: clean rows as tokens, the pace of fine-tuning, updates. */
package io.lazaret.backdoor.elimination.training;
