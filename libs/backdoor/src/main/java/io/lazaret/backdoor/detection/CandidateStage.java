package io.lazaret.backdoor.detection;

import java.util.List;

/** One step of the search: takes the candidates so far and hands on those it stands for. */
interface CandidateStage {

  /** The stage's name in progress messages and evidence. */
  String name();

  /** What the stage did, in words, for the evidence. */
  String note();

  /** Adds, drops or scores candidates. */
  List<Candidate> run(SearchContext context, List<Candidate> candidates);
}
