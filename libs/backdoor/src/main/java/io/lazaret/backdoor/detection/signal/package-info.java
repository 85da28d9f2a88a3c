/** Detectors whose scores stand beside the verdict: they are evidence, and decide nothing. */
package io.lazaret.backdoor.detection.signal;
