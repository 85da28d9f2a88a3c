/** Folding recorded events again, without any effect. */
package io.lazaret.lifecycle.replay;
