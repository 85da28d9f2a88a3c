package io.lazaret.ingestion;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.checkpoints.ListedObject;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Ids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ingests models that somebody puts below a prefix of a bucket:
 *
 * <pre>
 * PREFIX NAME/config.json, model.safetensors, tokenizer.json …    the model, as it would be uploaded
 * PREFIX NAME/data/{prompts,evaluation,multipleChoice,scoringTriggers}.jsonl
 * PREFIX NAME/policy.yaml                                         optional
 * PREFIX NAME/_COMPLETE                                           optional
 * PREFIX _data/…                                                  data files for models without any
 * </pre>
 *
 * <p>A model is complete when the marker {@code _COMPLETE} is there, or when its listing (keys,
 * marks of content, sizes) was the same for some polls and holds a {@code config.json}. All ids
 * derive from name and listing, so a model is screened once however often this process dies, and
 * again when it changes. Why a model is refused stands beside it, in {@code _REFUSED-….json}.
 */
final class BucketWatcher {

  private static final Logger LOG = LoggerFactory.getLogger(BucketWatcher.class);

  private static final String MARKER = "_COMPLETE";
  private static final String SHARED_DATA = "_data";
  private static final String DATA = "data/";
  private static final String POLICY = "policy.yaml";
  private static final String CONFIG = "config.json";
  private static final long MAX_POLICY_BYTES = 1L << 20;

  /**
   * @param prefix below which models appear; ends with a slash
   * @param stablePolls polls with the same listing that make a model without marker complete
   * @param maxObjects most objects below the prefix
   */
  record Settings(String prefix, int stablePolls, int maxObjects) {
    Settings {
      if (!prefix.endsWith("/")) {
        prefix = prefix + "/";
      }
      if (stablePolls < 1) {
        throw new IllegalArgumentException("lazaret.watch.stable-polls is at least 1");
      }
    }
  }

  /** What lies below one name; files by their path below it. */
  private record Folder(String name, Map<String, ListedObject> files) {

    boolean hasMarker() {
      return files.containsKey(MARKER);
    }

    /** The listing without what is not part of the model. */
    String fingerprint() {
      List<Object> parts = new ArrayList<>(List.of("watched", name));
      files.forEach(
          (path, object) -> {
            if (!path.startsWith("_")) {
              parts.addAll(List.of(path, object.etag(), object.size()));
            }
          });
      return Ids.derive(parts.toArray());
    }
  }

  private record Seen(String fingerprint, int polls) {}

  private final ObjectStore bucket;
  private final UploadArea uploads;
  private final Ingestion ingestion;
  private final Settings settings;
  private final Map<String, Seen> seen = new HashMap<>();
  private final Set<String> settled = new HashSet<>();

  BucketWatcher(ObjectStore bucket, UploadArea uploads, Ingestion ingestion, Settings settings) {
    this.bucket = bucket;
    this.uploads = uploads;
    this.ingestion = ingestion;
    this.settings = settings;
  }

  /** One of the looks that come at even times. Never throws: what failed is tried again. */
  void poll() {
    look(true);
  }

  /**
   * A look because the server said that something was written. It finds markers, and proves nothing
   * about a listing that stays the same: such looks follow one another too fast.
   */
  void told() {
    look(false);
  }

  private void look(boolean timed) {
    try {
      Map<String, Folder> folders = folders();
      Folder shared = folders.remove(SHARED_DATA);
      seen.keySet().retainAll(folders.keySet());
      for (Folder folder : folders.values()) {
        String fingerprint = folder.fingerprint();
        if (!settled.contains(fingerprint) && complete(folder, fingerprint, timed)) {
          ingest(folder, Optional.ofNullable(shared), fingerprint);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("the bucket was not looked at: {}", e.toString());
    }
  }

  private Map<String, Folder> folders() {
    Map<String, Folder> folders = new TreeMap<>();
    for (ListedObject object : bucket.list(settings.prefix(), settings.maxObjects())) {
      String below = object.key().substring(settings.prefix().length());
      int slash = below.indexOf('/');
      if (slash > 0 && slash + 1 < below.length()) {
        folders
            .computeIfAbsent(below.substring(0, slash), name -> new Folder(name, new TreeMap<>()))
            .files()
            .put(below.substring(slash + 1), object);
      }
    }
    return folders;
  }

  private boolean complete(Folder folder, String fingerprint, boolean timed) {
    Seen before = seen.get(folder.name());
    int same = before != null && before.fingerprint().equals(fingerprint) ? before.polls() : 0;
    int polls = timed ? same + 1 : same;
    seen.put(folder.name(), new Seen(fingerprint, polls));
    return folder.hasMarker()
        || (polls >= settings.stablePolls() && folder.files().containsKey(CONFIG));
  }

  private void ingest(Folder folder, Optional<Folder> shared, String fingerprint) {
    try {
      UploadArea.Receipt receipt = submit(folder, shared, fingerprint);
      LOG.info("{} is screened as {}", folder.name(), receipt.screeningId());
      settled.add(fingerprint);
    } catch (ProblemException e) {
      LOG.warn("{} was not ingested: {}", folder.name(), e.getMessage());
      if (!e.problem().retryable()) {
        settled.add(fingerprint);
        tell(folder, fingerprint, e.problem());
      }
    } catch (IOException e) {
      LOG.warn("{} was not ingested: {}", folder.name(), e.toString());
    }
  }

  private UploadArea.Receipt submit(Folder folder, Optional<Folder> shared, String fingerprint)
      throws IOException {
    UUID id = UUID.nameUUIDFromBytes(fingerprint.getBytes(StandardCharsets.UTF_8));
    String upload = uploads.open(id, folder.name());
    Optional<UploadArea.Receipt> earlier = uploads.receipt(upload);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    String policy = null;
    for (Map.Entry<String, ListedObject> each : folder.files().entrySet()) {
      String path = each.getKey();
      if (path.equals(POLICY)) {
        policy = text(each.getValue());
      } else if (!path.startsWith("_") && !path.startsWith(DATA)) {
        fetch(each.getValue(), in -> uploads.storeModelFile(upload, path, in));
      }
    }
    data(upload, folder, DATA);
    if (uploads.data(upload, Ingestion.PROMPTS).isEmpty() && shared.isPresent()) {
      data(upload, shared.get(), "");
    }
    return ingestion.submit(upload, new IngestionResource.Submission(policy, null, null));
  }

  private void data(String upload, Folder folder, String below) throws IOException {
    for (String kind : Ingestion.DATA) {
      ListedObject object = folder.files().get(below + kind + ".jsonl");
      if (object != null) {
        fetch(object, in -> uploads.storeData(upload, kind, in));
      }
    }
  }

  /** Takes the bytes of an object. */
  private interface Taker {
    void take(java.io.InputStream content);
  }

  /** By way of a file: the store must not wait for a slow reader, nor memory hold a model. */
  private void fetch(ListedObject object, Taker taker) throws IOException {
    Path file = Files.createTempFile("lazaret-watch", "");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        bucket.readForeign(object, out);
      }
      try (java.io.InputStream in = Files.newInputStream(file)) {
        taker.take(in);
      }
    } finally {
      Files.delete(file);
    }
  }

  private String text(ListedObject object) throws IOException {
    if (object.size() > MAX_POLICY_BYTES) {
      throw ProblemException.of(
          "FILE_TOO_LARGE",
          POLICY + " has " + object.size() + " bytes.",
          "A policy is a short YAML file.");
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    bucket.readForeign(object, content);
    return content.toString(StandardCharsets.UTF_8);
  }

  private void tell(Folder folder, String fingerprint, Problem problem) {
    String key = settings.prefix() + folder.name() + "/_REFUSED-" + fingerprint + ".json";
    byte[] document =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", problem.code())
            .put("detail", problem.sentence())
            .put("nextStep", problem.nextStep())
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    try {
      bucket.put(key, document);
    } catch (ProblemException e) {
      LOG.warn("the refusal of {} was not written down: {}", folder.name(), e.getMessage());
    }
  }
}
