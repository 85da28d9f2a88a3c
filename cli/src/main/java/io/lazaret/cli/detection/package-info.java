/** Detection on the command line: the stage alone, and its evidence in words. */
package io.lazaret.cli.detection;
