/** What the channels of a model name, folded from all events of the model. */
package io.lazaret.lifecycle.release;
