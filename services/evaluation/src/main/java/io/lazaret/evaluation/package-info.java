/** The evaluation service: wiring only. */
package io.lazaret.evaluation;
