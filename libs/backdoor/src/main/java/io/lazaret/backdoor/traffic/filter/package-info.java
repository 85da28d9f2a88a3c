/**
 * The classic filters of inputs, in a form for generative models: the distribution of the first
 * answer token takes the place of class probabilities. They look at one prompt at a time.
 */
package io.lazaret.backdoor.traffic.filter;
