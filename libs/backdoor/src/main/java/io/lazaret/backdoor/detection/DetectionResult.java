package io.lazaret.backdoor.detection;

import java.util.List;

/**
 * One pass of detection.
 *
 * @param verdict the conclusion
 * @param segments the suspicious segments, highest score first; may be non-empty for {@link
 *     Verdict#UNASSESSED} when the best score lies in the abstain band
 * @param bestScore highest score of any candidate, log-odds ({@link Calibration#score}); {@link
 *     DetectionSettings.Decision#floor} when no candidate was measured
 * @param threshold scores above it are suspicious
 * @param explanation one sentence for a person: what was found, what was covered, or why nothing
 *     could be concluded
 * @param evidence everything behind the verdict
 */
public record DetectionResult(
    Verdict verdict,
    List<SuspiciousSegment> segments,
    double bestScore,
    double threshold,
    String explanation,
    Evidence evidence) {

  public DetectionResult {
    segments = List.copyOf(segments);
  }
}
