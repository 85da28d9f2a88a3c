/** Commands about releases: what channels name, what persons decide, and what the record proves. */
package io.lazaret.cli.release;
