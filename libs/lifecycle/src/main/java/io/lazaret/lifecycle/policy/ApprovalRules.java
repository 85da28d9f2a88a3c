package io.lazaret.lifecycle.policy;

/**
 * Persons, each another one and none of them the one who asked for the screening.
 *
 * @param held persons who must approve a held model (default 1)
 * @param promoted persons who must approve a promoted model; 0: it is released by itself (default
 *     0)
 * @param validHours after this time without a decision the model stays in quarantine (default 168)
 */
public record ApprovalRules(int held, int promoted, double validHours) {

  private static final int MOST = 5;

  public ApprovalRules {
    Policy.require(Policy.in(held, 1, MOST), "approvals.held", held, "must be 1 to 5");
    Policy.require(Policy.in(promoted, 0, MOST), "approvals.promoted", promoted, "must be 0 to 5");
    Policy.require(
        validHours >= 0.001 && validHours <= 87_600,
        "approvals.validHours",
        validHours,
        "must be 0.001 to 87600");
  }

  static ApprovalRules standard() {
    return new ApprovalRules(1, 0, 168);
  }
}
