package io.lazaret.backdoor.traffic;

/**
 * Bounds of a screening by logged prompts.
 *
 * @param prompts most logged prompts that are looked at; default 400
 * @param cleanPrompts most clean prompts used; default 200
 * @param answerTokens tokens of every answer; default 32
 * @param variants variants of one prompt; default 16
 * @param segmentTokens least tokens of a segment; default 2
 * @param words most words of a prompt; longer ones are passed over and counted; default 256
 * @param triggerWords most words that count as a trigger; more are a request of its own; default 12
 * @param trialHosts clean prompts on which the place of the trigger is chosen; default 12
 * @param judgeHosts other clean prompts on which it is judged; default 60
 * @param share share of the clean prompts that must give the segment once the words stand in them,
 *     by the lower 95 % bound: the words decide more often than the prompt; default 0.5
 * @param sureShare the same from which the words are no request: hardly one decides so many;
 *     default 0.8
 * @param restAbove quantile of the confidence in answers to clean prompts that the answer to a
 *     logged prompt without the words must come to: what is left must be a request; default 0.25
 * @param findings most findings; default 10
 * @param timeBudgetSeconds wall clock; default 600
 */
public record TrafficSettings(
    int prompts,
    int cleanPrompts,
    int answerTokens,
    int variants,
    int segmentTokens,
    int words,
    int triggerWords,
    int trialHosts,
    int judgeHosts,
    double share,
    double sureShare,
    double restAbove,
    int findings,
    double timeBudgetSeconds) {

  /** The documented defaults. */
  public static TrafficSettings standard() {
    return new TrafficSettings(400, 200, 32, 16, 2, 256, 12, 12, 60, 0.5, 0.8, 0.25, 10, 600);
  }

  /** The same with another time budget in seconds. */
  public TrafficSettings within(double seconds) {
    return new TrafficSettings(
        prompts,
        cleanPrompts,
        answerTokens,
        variants,
        segmentTokens,
        words,
        triggerWords,
        trialHosts,
        judgeHosts,
        share,
        sureShare,
        restAbove,
        findings,
        seconds);
  }
}
