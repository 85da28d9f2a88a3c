package io.lazaret.console.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.StageProgress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectionTest {

  @TempDir private Path directory;

  private RecordStore store;
  private Projection projection;
  private Intake intake;
  private long offset;

  @BeforeEach
  void open() {
    open("cluster");
  }

  private void open(String cluster) {
    store = RecordStore.open(directory, cluster);
    projection = new Projection();
    projection.open(store, new PlainSerde());
    intake = projection.intake();
    intake.begin(0, store.offset(Topics.EVENTS, 0));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void event(SpecificRecord event) {
    bytes(PlainSerde.bytes(event));
  }

  private void bytes(byte[] value) {
    Place place = new Place(Topics.EVENTS, 0, offset++);
    intake.record(projection.decode(new StoredRecord(place, 5_000, "nano", value)));
    intake.offset(Topics.EVENTS, 0, offset);
    intake.commit();
  }

  private void progress(StageProgress progress) {
    intake.progress(progress);
    intake.commit();
  }

  private ScreeningRow row(String id) {
    return projection.row(id).orElseThrow();
  }

  private List<String> list(String name) {
    return store.list(name, null, 100).items();
  }

  @Test
  void showsTheStageAtWorkAndThenTheVerdict() {
    event(Samples.ingested("s", "nano", 0));
    progress(Samples.progress("s", "nano", 1, 0.5));
    assertThat(row("s").state()).isEqualTo("DETECTION");
    assertThat(row("s").cause()).isEmpty();
    assertThat(projection.openScreening("s").orElseThrow().heartbeat().getFraction())
        .isEqualTo(0.5);
    assertThat(list(Lists.inState("DETECTION"))).containsExactly("s");

    event(Samples.unassessed("s", "nano", 1));
    assertThat(row("s").state()).isEqualTo("UNASSESSED");
    assertThat(row("s").why()).isEqualTo("lost");
    assertThat(projection.openScreenings()).isEmpty();
    assertThat(list(Lists.OPEN)).isEmpty();
    assertThat(list(Lists.inState("DETECTION"))).isEmpty();
    assertThat(list(Lists.VERDICTS)).containsExactly("s");
    assertThat(projection.model("nano").orElseThrow().state()).isEqualTo("UNASSESSED");
  }

  @Test
  void whatConcernsAllModelsIsNoModel() {
    event(Samples.ingested("s", "nano", 0));
    event(Samples.intelligence("abc", 1));
    assertThat(projection.modelCount()).isEqualTo(1);
    assertThat(list(Lists.MODELS)).containsExactly("nano");
    assertThat(projection.modelsByName(null, 10).items())
        .extracting(ModelRow::name)
        .containsExactly("nano");
    assertThat(projection.events(Ids.releases(Releases.ALL_MODELS))).hasSize(1);
  }

  @Test
  void aRecordThatIsReadTwiceCountsOnce() {
    event(Samples.ingested("s", "nano", 0));
    event(Samples.ingested("s", "nano", 0));
    assertThat(projection.events("s")).hasSize(1);
    assertThat(projection.model("nano").orElseThrow().events()).isEqualTo(1);
    assertThat(projection.screeningCount()).isEqualTo(1);
  }

  @Test
  void aLateHeartbeatDoesNotReopenAFinishedScreening() {
    event(Samples.ingested("s", "nano", 0));
    event(Samples.unassessed("s", "nano", 1));
    progress(Samples.progress("s", "nano", 1, 0.9));
    assertThat(projection.openScreening("s")).isEmpty();
  }

  @Test
  void aHeartbeatOfAnotherAttemptSaysNothingOfThisOne() {
    event(Samples.ingested("s", "nano", 0));
    progress(Samples.progress("s", "nano", 2, 0.9));
    assertThat(projection.openScreening("s").orElseThrow().heartbeat()).isNull();
  }

  @Test
  void listsNewestFirstAndByModel() {
    event(Samples.ingested("a", "nano", 0));
    event(Samples.ingested("b", "other", 5));
    assertThat(list(Lists.SCREENINGS)).containsExactly("b", "a");
    assertThat(list(Lists.ofModel("nano"))).containsExactly("a");
    assertThat(list(Lists.MODELS)).containsExactly("other", "nano");
  }

  @Test
  void listenersHearEachEventOnceAndHowFarItWasRead() {
    List<Change> heard = new ArrayList<>();
    projection.listen(heard::add);
    event(Samples.ingested("s", "nano", 0));
    event(Samples.ingested("s", "nano", 0));
    progress(Samples.progress("s", "nano", 1, 0.1));
    assertThat(heard).extracting(Change::reached).containsExactly("1", "");
  }

  @Test
  void whatCannotBeReadStandsOnTheTimelineAndHidesNothing() {
    event(Samples.ingested("s", "nano", 0));
    bytes(new byte[] {0, 0, 0});
    event(Samples.failed("s", "nano", 1, 1));
    assertThat(projection.undecodableCount()).isEqualTo(1);
    assertThat(store.timeline("nano", null, 10, false).items())
        .extracting(RecordStore.Marked::mark)
        .containsExactlyInAnyOrder("ModelIngested", "StageFailed", Intake.UNDECODABLE);
    assertThat(row("s").attempt()).isEqualTo(2);
  }

  @Test
  void goesOnWhereItWasClosed() {
    event(Samples.ingested("s", "nano", 0));
    progress(Samples.progress("s", "nano", 1, 0.5));
    store.close();
    open("cluster");
    assertThat(store.offset(Topics.EVENTS, 0)).isEqualTo(1);
    assertThat(projection.openScreening("s").orElseThrow().row().stage()).isEqualTo("DETECTION");
    assertThat(projection.curves("s").get(0).points()).hasSize(1);
    event(Samples.unassessed("s", "nano", 1));
    assertThat(row("s").state()).isEqualTo("UNASSESSED");
  }

  @Test
  void theCacheOfAnotherClusterIsThrownAway() {
    event(Samples.ingested("s", "nano", 0));
    store.close();
    open("another");
    assertThat(store.offset(Topics.EVENTS, 0)).isZero();
    assertThat(projection.row("s")).isEmpty();
  }

  @Test
  void curvesStayShort() {
    event(Samples.ingested("s", "nano", 0));
    for (int i = 0; i < 3_000; i++) {
      intake.progress(Samples.progress("s", "nano", 1, i / 3_000.0));
    }
    intake.commit();
    Curve curve = projection.curves("s").get(0);
    assertThat(curve.points()).hasSizeBetween(Curve.MOST_POINTS / 2, Curve.MOST_POINTS);
    assertThat(curve.points().get(0)[0]).isZero();
  }

  @Test
  void pagesOfAHistoryGoOnWhereTheyEnd() {
    event(Samples.ingested("s", "nano", 0));
    event(Samples.failed("s", "nano", 1, 1));
    event(Samples.failed("s", "nano", 2, 2));
    var first = store.history("s", null, 2, true);
    assertThat(first.items()).extracting(each -> each.place().offset()).containsExactly(2L, 1L);
    var rest = store.history("s", first.next(), 2, true);
    assertThat(rest.items()).extracting(each -> each.place().offset()).containsExactly(0L);
    assertThat(rest.next()).isNull();
  }
}
