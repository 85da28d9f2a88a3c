package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What interrupted jobs go on from: {@code jobs/JOB/PART/blobs/sha256/HASH} and, written last,
 * {@code jobs/JOB/PART/states/NUMBER-HASH.json}, which names the blobs and carries its own hash. A
 * state is there as a whole or not at all. Two tries of one job that overlap cannot damage each
 * other's state unnoticed; at worst the next try begins anew.
 */
public final class JobStateStore {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,99}");
  private static final Pattern STATE =
      Pattern.compile(".*/states/([0-9]{8})-([0-9a-f]{64})\\.json");

  /** Most objects of one job. */
  private static final int MAX_OBJECTS = 100_000;

  /** Largest list of files of one state, bytes. */
  private static final long MAX_MANIFEST_BYTES = 4L << 20;

  private final ObjectStore objects;

  public JobStateStore(ObjectStore objects) {
    this.objects = objects;
  }

  private record State(int number, StoredObject object) {}

  /**
   * Saves the plain files of a folder in place of what was saved before.
   *
   * @throws ProblemException JOB_STATE_REFUSED when the folder is empty or holds folders; as {@link
   *     ObjectStore}
   */
  public void save(String jobId, String part, Path directory) {
    String root = root(jobId, part);
    List<State> before = states(root);
    List<Manifest.Entry> entries = new ArrayList<>();
    for (Path file : files(directory)) {
      StoredObject stored = objects.putContent(root + "blobs", file);
      entries.add(
          new Manifest.Entry(file.getFileName().toString(), stored.sha256(), stored.size()));
    }
    Manifest manifest = new Manifest(entries);
    byte[] json = manifest.canonicalJson();
    int number = before.isEmpty() ? 0 : before.get(before.size() - 1).number() + 1;
    String key = root + "states/%08d-%s.json".formatted(number, Sha256.of(json));
    objects.put(key, json);
    discardAllBut(root, key, manifest);
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      List<Path> files = all.sorted().toList();
      if (files.isEmpty() || !files.stream().allMatch(Files::isRegularFile)) {
        throw ProblemException.of(
            "JOB_STATE_REFUSED",
            "The state of a job must be plain files, and at least one.",
            "Report it with the log of the worker.");
      }
      return files;
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(directory.getFileName()), e);
    }
  }

  private void discardAllBut(String root, String key, Manifest manifest) {
    Set<String> kept = new HashSet<>();
    kept.add(key);
    manifest
        .files()
        .forEach(file -> kept.add(ObjectStore.contentKey(root + "blobs", file.sha256())));
    for (ListedObject each : objects.list(root, MAX_OBJECTS)) {
      if (!kept.contains(each.key())) {
        objects.remove(each.key());
      }
    }
  }

  /**
   * Brings back what was saved last, verified, into an empty folder; false when nothing was saved
   * or nothing of it is whole.
   */
  public boolean latest(String jobId, String part, Path into) {
    List<State> states = states(root(jobId, part));
    for (int i = states.size() - 1; i >= 0; i--) {
      try {
        restore(root(jobId, part), states.get(i).object(), into);
        return true;
      } catch (ProblemException e) {
        if (e.problem().retryable()) {
          throw e;
        }
        // What was damaged is of no use to anybody; an older state, or none, is.
        empty(into);
      }
    }
    return false;
  }

  private void restore(String root, StoredObject state, Path into) {
    Manifest manifest = Manifest.parse(objects.get(state));
    for (Manifest.Entry file : manifest.files()) {
      if (file.path().contains("/")) {
        throw ProblemException.of(
            "JOB_STATE_REFUSED",
            "A saved state names a folder: " + file.path(),
            "The job begins anew.");
      }
      StoredObject blob =
          new StoredObject(
              state.bucket(),
              ObjectStore.contentKey(root + "blobs", file.sha256()),
              file.sha256(),
              file.size());
      objects.download(blob, into.resolve(file.path()));
    }
  }

  private static void empty(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(directory.getFileName()), e);
    }
  }

  /** Removes all that was saved for a job. */
  public void forget(String jobId) {
    objects
        .list("jobs/" + named(jobId) + "/", MAX_OBJECTS)
        .forEach(each -> objects.remove(each.key()));
  }

  private List<State> states(String root) {
    List<State> states = new ArrayList<>();
    for (ListedObject each : objects.list(root + "states/", MAX_OBJECTS)) {
      var matcher = STATE.matcher(each.key());
      if (matcher.matches() && each.size() <= MAX_MANIFEST_BYTES) {
        states.add(
            new State(
                Integer.parseInt(matcher.group(1)),
                new StoredObject(objects.bucket(), each.key(), matcher.group(2), each.size())));
      }
    }
    states.sort(Comparator.comparing(state -> state.object().key()));
    return states;
  }

  private static String root(String jobId, String part) {
    return "jobs/" + named(jobId) + "/" + named(part) + "/";
  }

  private static String named(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("the name of a job or of a part of it is not plain");
    }
    return name;
  }
}
