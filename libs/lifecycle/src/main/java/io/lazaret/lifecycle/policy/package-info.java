/** What a screening may do and what a release must show, as data with a digest. */
package io.lazaret.lifecycle.policy;
