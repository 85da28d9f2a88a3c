/** The log of the platform as a local cache on disk that can be thrown away. */
package io.lazaret.console.record;
