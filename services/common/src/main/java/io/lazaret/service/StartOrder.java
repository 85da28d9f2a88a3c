package io.lazaret.service;

/** Who starts after whom, within one process; stopping goes the other way. */
public final class StartOrder {

  /** Topics, schemas and bucket are there. */
  public static final int PREPARE = 100;

  /** Streams applications. */
  public static final int STREAMS = 2_000;

  /** Stage workers. */
  public static final int WORKERS = 2_100;

  /** Readers of the record. */
  public static final int READERS = 2_200;

  private StartOrder() {}
}
