package io.lazaret.chaos;

/** The steps of a service at which its process is killed. */
enum CrashPoint {
  /** A record was fetched and nothing was done about it. */
  CONSUMED,
  /** The partition is claimed, the take-up is noted, the job begins. */
  TAKEN_UP,
  /** In the middle of a job that has saved a state. */
  WORKING,
  /** While an object is on its way to the store. */
  UPLOADING,
  /** Everything is in the store and nothing is said about it yet. */
  UPLOADED,
  /** The first record that follows is about to be produced. */
  BEFORE_PRODUCE,
  /** The state's changelog is written, the record that follows is not. */
  CHANGELOG,
  /** Some of the records that follow are produced. */
  BETWEEN_RECORDS,
  /** Everything is produced and the transaction is open. */
  PRODUCED,
  /** The transaction is committed and nobody has been told. */
  COMMITTED
}
