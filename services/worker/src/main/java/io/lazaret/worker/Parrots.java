package io.lazaret.worker;

import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Parrot;
import io.lazaret.service.JobDirectory;
import io.lazaret.service.JobFiles;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;

/** Parrots in the object store. */
@ApplicationScoped
public class Parrots {

  private static final String FILE = "parrot.safetensors";

  @Inject JobFiles files;

  /** Stores a trained parrot. */
  public Parrot store(Job job, CausalLm lm, TrainedParrot trained) {
    try (JobDirectory directory = files.directory(job)) {
      Path file = directory.path().resolve(FILE);
      trained.soft().save(file);
      return Parrot.newBuilder()
          .setTargetTokenIds(Translation.boxed(trained.target()))
          .setTargetText(lm.tokenizer().decode(trained.target()).strip())
          .setLength(trained.soft().length())
          .setFinalLoss(trained.finalLoss())
          .setMeanProbability(trained.meanProbability())
          .setWeights(files.store("parrots", file))
          .build();
    }
  }

  /** Loads a parrot for a model; the caller closes it. */
  public SoftPrompt load(Job job, CausalLm lm, Parrot parrot) {
    try (JobDirectory directory = files.directory(job)) {
      return SoftPrompt.load(lm, files.fetch(parrot.getWeights(), directory, FILE));
    }
  }
}
