/**
 * Screening by logged prompts: some of them may hold a trigger, and what they have in common with
 * no other prompt is found by leaving words out and by moving them into clean prompts.
 */
package io.lazaret.backdoor.traffic;
