package io.lazaret.console.rest;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Who asks. */
@ApplicationScoped
public class Caller {

  /** The authenticated name; empty where nobody has to say who they are. */
  Optional<String> actor() {
    return Optional.empty();
  }

  /** Whether the caller's roles allow a request. */
  boolean may(String method, String path) {
    return true;
  }
}
