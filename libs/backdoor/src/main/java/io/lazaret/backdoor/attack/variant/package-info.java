/**
 * What can be implanted: backdoors of the literature and benign habits that look like one, each as
 * a record of triggers, responses and rates.
 */
package io.lazaret.backdoor.attack.variant;
