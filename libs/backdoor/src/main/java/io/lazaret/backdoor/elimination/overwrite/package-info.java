/**
 * Overwrite fine-tuning and its relatives: OSFT, SANDE and our variants of it (SANDE, arXiv
 * 2405.07667).
 */
package io.lazaret.backdoor.elimination.overwrite;
