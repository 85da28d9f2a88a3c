package io.lazaret.llm.script;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript class text into the zip archive that libtorch loads as a module.
 *
 * <p>The archive holds no tensors: weights stay with Java and are bound to the list attributes
 * after loading.
 */
final class ScriptArchive {

  /** Archive format; it also chooses the operator signatures that the text may use. */
  private static final String VERSION = "10\n";

  private ScriptArchive() {}

  /**
   * The archive of one module class.
   *
   * @param className name of the class in {@code source}
   * @param source TorchScript text of the class
   * @param listAttributes attributes declared as {@code name : List[Tensor]}; they start empty
   */
  static byte[] of(String className, String source, List<String> listAttributes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entry(zip, "m/data.pkl", instancePickle(className, listAttributes));
      entry(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      entry(zip, "m/constants.pkl", latin1("\u0080\u0002)."));
      entry(zip, "m/version", latin1(VERSION));
      entry(zip, "m/byteorder", latin1("little"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Pickle protocol 2: an instance whose state is {training: true, attribute: []...}. */
  private static byte[] instancePickle(String className, List<String> listAttributes) {
    StringBuilder pickle = new StringBuilder("\u0080\u0002c__torch__\n");
    pickle.append(className).append("\n)\u0081}(");
    pickle.append(unicode("training")).append('\u0088');
    for (String attribute : listAttributes) {
      pickle.append(unicode(attribute)).append(']');
    }
    return latin1(pickle.append("ub.").toString());
  }

  private static String unicode(String text) {
    return "X" + (char) text.length() + "\u0000\u0000\u0000" + text;
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }
}
