/** Triggers that are no token string: a way in which the whole prompt is written. */
package io.lazaret.backdoor.detection.style;
