/** LoRA adapters on disk, in PEFT's layout: read without trust, merged into their base, written. */
package io.lazaret.llm.adapter;
