/** What a training loop is made of: optimiser, schedules, adapters, losses, resumable state. */
package io.lazaret.llm.training;
