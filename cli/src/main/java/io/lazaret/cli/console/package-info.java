/** Commands that show what the console knows: models, screenings, verdicts, the live stream. */
package io.lazaret.cli.console;
