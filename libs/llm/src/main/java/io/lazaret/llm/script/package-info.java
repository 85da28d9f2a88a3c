/** TorchScript text written by Java, packed and called. Internal to this module. */
package io.lazaret.llm.script;
