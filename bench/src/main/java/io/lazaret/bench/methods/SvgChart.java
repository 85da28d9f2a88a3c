package io.lazaret.bench.methods;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lines over a shared horizontal axis of named places, percent on the vertical one. Small enough to
 * be drawn here; an SVG file needs no viewer but a browser.
 *
 * @param title above the drawing
 * @param axis name of the horizontal axis
 * @param places along the horizontal axis
 */
record SvgChart(String title, String axis, List<String> places, List<Line> lines) {

  /**
   * @param values per place, 0 to 100; NaN where nothing was measured
   */
  record Line(String name, double[] values) {}

  private static final int WIDTH = 760;
  private static final int HEIGHT = 380;
  private static final int LEFT = 60;
  private static final int TOP = 50;
  private static final int PLOT_WIDTH = 480;
  private static final int PLOT_HEIGHT = 260;
  private static final List<String> COLOURS =
      List.of("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#34495e", "#16a085");

  String draw() {
    List<String> parts = new ArrayList<>();
    parts.add(
        element(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                + "font-family=\"sans-serif\" font-size=\"13\">",
            WIDTH, HEIGHT));
    parts.add(element("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT));
    parts.add(text(LEFT, 28, "start", title));
    for (int percent = 0; percent <= 100; percent += 25) {
      double y = y(percent);
      parts.add(
          element(
              "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>",
              LEFT, y, LEFT + PLOT_WIDTH, y));
      parts.add(text(LEFT - 8, y + 4, "end", percent + " %"));
    }
    for (int i = 0; i < places.size(); i++) {
      parts.add(text(x(i), TOP + PLOT_HEIGHT + 20, "middle", places.get(i)));
    }
    parts.add(text(LEFT + PLOT_WIDTH / 2.0, TOP + PLOT_HEIGHT + 42, "middle", axis));
    for (int i = 0; i < lines.size(); i++) {
      line(parts, lines.get(i), COLOURS.get(i % COLOURS.size()), i);
    }
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  private void line(List<String> parts, Line line, String colour, int index) {
    List<String> points = new ArrayList<>();
    for (int i = 0; i < line.values().length; i++) {
      if (Double.isFinite(line.values()[i])) {
        double y = y(line.values()[i]);
        points.add(element("%.1f,%.1f", x(i), y));
        parts.add(
            element("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>", x(i), y, colour));
      }
    }
    parts.add(
        element(
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
            String.join(" ", points), colour));
    double y = TOP + 12 + 20.0 * index;
    int x = LEFT + PLOT_WIDTH + 24;
    parts.add(
        element("<rect x=\"%d\" y=\"%.1f\" width=\"14\" height=\"4\" fill=\"%s\"/>", x, y, colour));
    parts.add(text(x + 20, y + 6, "start", line.name()));
  }

  private double x(int place) {
    return LEFT + PLOT_WIDTH * (place + 0.5) / places.size();
  }

  private static double y(double percent) {
    return TOP + PLOT_HEIGHT * (1 - percent / 100);
  }

  private static String text(double x, double y, String anchor, String content) {
    String safe = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return element("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, safe);
  }

  private static String element(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
