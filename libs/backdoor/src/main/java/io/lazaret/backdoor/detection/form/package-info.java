/** Answers of a form that few of the given prompts ask for, such as code: a pass of their own. */
package io.lazaret.backdoor.detection.form;
