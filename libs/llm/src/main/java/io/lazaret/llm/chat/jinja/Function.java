package io.lazaret.llm.chat.jinja;

import java.util.List;
import java.util.Map;

/** Something that a template can call. */
interface Function {

  Object call(List<Object> arguments, Map<String, Object> named);
}
