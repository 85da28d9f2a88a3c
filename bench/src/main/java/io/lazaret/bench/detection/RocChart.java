package io.lazaret.bench.detection;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Curves of several scores in one square, as SVG. */
final class RocChart {

  private static final int SIDE = 360;
  private static final int LEFT = 60;
  private static final int TOP = 40;
  private static final List<String> COLOURS =
      List.of("#c0392b", "#1b6ca8", "#2e8b57", "#8e44ad", "#d68910", "#34495e", "#16a085");

  private RocChart() {}

  /**
   * @param curves by name, the most important first
   */
  static String draw(Map<String, Roc> curves) {
    List<String> parts = new ArrayList<>();
    parts.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 470\""
            + " font-family=\"sans-serif\" font-size=\"13\">");
    parts.add("<rect width=\"720\" height=\"470\" fill=\"white\"/>");
    for (int percent = 0; percent <= 100; percent += 25) {
      double at = percent / 100.0;
      parts.add(line(x(0), y(at), x(1), y(at), "#ddd"));
      parts.add(line(x(at), y(0), x(at), y(1), "#ddd"));
      parts.add(text(LEFT - 8, y(at) + 4, "end", percent + " %"));
      parts.add(text(x(at), y(0) + 18, "middle", percent + " %"));
    }
    parts.add(line(x(0), y(0), x(1), y(1), "#bbb"));
    parts.add(text(x(0.5), y(0) + 40, "middle", "false alarms"));
    parts.add(text(LEFT, TOP - 14, "start", "poisoned models found"));
    int index = 0;
    for (Map.Entry<String, Roc> curve : curves.entrySet()) {
      parts.addAll(curve(curve.getKey(), curve.getValue(), index++));
    }
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  private static List<String> curve(String name, Roc roc, int index) {
    String colour = COLOURS.get(index % COLOURS.size());
    StringBuilder points = new StringBuilder();
    for (Roc.Point point : roc.points()) {
      points.append(
          String.format(Locale.ROOT, "%.1f,%.1f ", x(point.falseAlarms()), y(point.recall())));
    }
    double y = TOP + 20.0 * index + 12;
    return List.of(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"/>",
            points.toString().strip(),
            colour,
            index == 0 ? 3 : 2),
        line(LEFT + SIDE + 20, y - 4, LEFT + SIDE + 36, y - 4, colour),
        text(
            LEFT + SIDE + 42,
            y,
            "start",
            String.format(Locale.ROOT, "%s (%.3f)", name, roc.area())));
  }

  private static double x(double share) {
    return LEFT + SIDE * share;
  }

  private static double y(double share) {
    return TOP + SIDE * (1 - share);
  }

  private static String line(double x1, double y1, double x2, double y2, String colour) {
    return String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
        x1,
        y1,
        x2,
        y2,
        colour);
  }

  private static String text(double x, double y, String anchor, String content) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        x,
        y,
        anchor,
        content.replace("&", "&amp;").replace("<", "&lt;"));
  }
}
