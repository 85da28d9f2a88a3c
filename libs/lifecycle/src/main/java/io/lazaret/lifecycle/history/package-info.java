/** What makes a history of events tamper-evident. */
package io.lazaret.lifecycle.history;
