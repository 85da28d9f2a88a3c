/** What is signed and said of a release, and how it is checked. */
package io.lazaret.lifecycle.attestation;
