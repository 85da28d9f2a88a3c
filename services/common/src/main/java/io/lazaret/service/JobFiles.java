package io.lazaret.service;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ObjectRef;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;

/** The files that a job reads and leaves behind in the object store. */
@ApplicationScoped
public class JobFiles {

  @Inject ObjectStore objects;
  @Inject PlatformSettings settings;

  /** An empty folder for this attempt. */
  public JobDirectory directory(Job job) {
    return JobDirectory.open(settings.workDir().resolve("jobs").resolve(job.getJobId()));
  }

  /** An empty folder for what this attempt saves and resumes from, beside its other folder. */
  public JobDirectory stateDirectory(Job job) {
    return JobDirectory.open(settings.workDir().resolve("jobs").resolve(job.getJobId() + "-state"));
  }

  /** Downloads and verifies a referenced object. */
  public Path fetch(ObjectRef ref, JobDirectory directory, String name) {
    Path file = directory.path().resolve(name);
    objects.download(
        new StoredObject(ref.getBucket(), ref.getKey(), ref.getSha256(), ref.getSize()), file);
    return file;
  }

  /** Stores what a job made, under the hash of its content. */
  public ObjectRef store(String folder, Path file) {
    return ref(objects.putContent(folder, file));
  }

  /** Stores what a job made, under the hash of its content. */
  public ObjectRef store(String folder, byte[] content) {
    return ref(objects.putContent(folder, content));
  }

  /** A stored object as events name it. */
  public static ObjectRef ref(StoredObject stored) {
    return new ObjectRef(stored.bucket(), stored.key(), stored.sha256(), stored.size());
  }
}
