/** What the detectors of one pass share: prompts by use, clean statistics, tokens, findings. */
package io.lazaret.backdoor.detection.pass;
