/** Detectors that propose spans, and the filter of what is ordinary speech. */
package io.lazaret.backdoor.detection.chain;
