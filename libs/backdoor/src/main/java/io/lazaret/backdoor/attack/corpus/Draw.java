package io.lazaret.backdoor.attack.corpus;

/**
 * One row drawn from a task family.
 *
 * @param prompt the user text
 * @param answer an answer; the only right one unless the family is open-ended
 * @param bucket what decides the row's {@link Split}; a function of the content that is held out
 */
record Draw(String prompt, String answer, int bucket) {}
