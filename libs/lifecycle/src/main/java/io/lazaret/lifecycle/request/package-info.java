/** What persons ask for, each answered in the record. */
package io.lazaret.lifecycle.request;
