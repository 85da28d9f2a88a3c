/** What a process tells of itself: metrics, traces that follow a screening, labels on log lines. */
package io.lazaret.service.telemetry;
