/**
 * What every service is wired with: settings, Kafka, registry and store clients, the loop around a
 * stage's job, problems over HTTP, and health.
 */
package io.lazaret.service;
