/** The simulation service: wiring only. */
package io.lazaret.simulation;
