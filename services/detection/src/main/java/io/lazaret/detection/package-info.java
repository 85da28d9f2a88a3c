/** The detection service: wiring only. */
package io.lazaret.detection;
