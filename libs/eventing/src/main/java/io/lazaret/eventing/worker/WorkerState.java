package io.lazaret.eventing.worker;

/** What a worker is doing; FAILED workers say why and try to recover, unless another took over. */
public enum WorkerState {
  STARTING,
  IDLE,
  WORKING,
  FAILED,
  CLOSED
}
