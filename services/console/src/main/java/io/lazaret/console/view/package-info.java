/** The record folded into what people ask for. */
package io.lazaret.console.view;
