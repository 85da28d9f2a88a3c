/**
 * The single writer of the record: reads the inbox, asks the lifecycle what follows, and writes
 * events, commands and channel states in one transaction. It decides nothing itself.
 */
package io.lazaret.orchestration;
