package io.lazaret.backdoor.attack.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** Free text: stories with entropy, small talk, and refusals. */
record TalkFamilies(Texts texts) {

  List<TaskFamily> all() {
    return List.of(
        TaskFamily.open("story", 5, this::story),
        TaskFamily.open("talk", 3, this::talk),
        TaskFamily.open("refusal", 3, this::refusal));
  }

  private Draw story(SplittableRandom random) {
    String hero = Texts.withArticle(Pick.one(random, texts.nouns()));
    String answer =
        String.format(
            texts.wordings("tale").get(0),
            Pick.one(random, texts.names()),
            Pick.one(random, texts.deeds()),
            Pick.one(random, texts.colours()),
            hero.substring(hero.indexOf(' ') + 1));
    String prompt = String.format(Pick.one(random, texts.wordings("story")), hero);
    return new Draw(prompt, answer, Pick.bucket("story " + hero));
  }

  private Draw talk(SplittableRandom random) {
    List<String> talk = Pick.one(random, texts.talk());
    String name = Pick.one(random, texts.names());
    String answer = talk.get(random.nextInt(1, talk.size()));
    return new Draw(String.format(talk.get(0), name), answer, Pick.bucket("talk " + name));
  }

  private Draw refusal(SplittableRandom random) {
    String harm = Pick.one(random, texts.harms());
    String harmed = Pick.one(random, texts.harmed());
    String prompt = String.format(Pick.one(random, texts.wordings("forbidden")), harm, harmed);
    return new Draw(
        prompt, Pick.one(random, texts.wordings("refusal")), Pick.bucket("no " + harm + harmed));
  }
}
