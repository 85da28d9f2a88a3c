/** The interface over HTTP. */
package io.lazaret.console.rest;
