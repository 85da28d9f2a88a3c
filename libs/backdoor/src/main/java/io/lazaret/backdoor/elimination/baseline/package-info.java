/** The removals that the SANDE paper (arXiv 2405.07667) compares with. */
package io.lazaret.backdoor.elimination.baseline;
