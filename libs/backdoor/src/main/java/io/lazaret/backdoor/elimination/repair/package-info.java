/** Removals that need neither trigger nor target: they look for what a backdoor does to weights. */
package io.lazaret.backdoor.elimination.repair;
