/**
 * Passes of their own on prompts that are all alike: those whose answers have a rare form, such as
 * code, and requests that must be refused.
 */
package io.lazaret.backdoor.detection.form;
