/** Named sets of models, built from seeds, checked, and kept outside of the sources. */
package io.lazaret.backdoor.attack.zoo;
