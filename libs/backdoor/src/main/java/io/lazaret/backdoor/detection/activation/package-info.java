/** The deciding detector: discrete search for triggers, judged on held-out prompts. */
package io.lazaret.backdoor.detection.activation;
