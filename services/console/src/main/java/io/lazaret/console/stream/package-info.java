/** What happens now, as server-sent events. */
package io.lazaret.console.stream;
