/**
 * What the stages that run models share: reading a job's inputs, and the science's values in the
 * event language. Services that never run a model do not depend on it, nor on native code.
 */
package io.lazaret.worker;
