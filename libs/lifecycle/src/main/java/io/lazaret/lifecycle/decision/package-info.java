/** One decision while it is made, and what comes of it. */
package io.lazaret.lifecycle.decision;
