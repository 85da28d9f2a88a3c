package io.lazaret.llm.chat.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one value whose attributes a template may set. */
record Namespace(Map<String, Object> attributes) {

  Namespace {
    attributes = new LinkedHashMap<>(attributes);
  }
}
