package io.lazaret.service.access;

import io.lazaret.access.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The one table of who may send which request. What it does not name is denied to everybody. */
public final class Permissions {

  private static final Set<String> READING = Set.of("GET", "HEAD");

  /**
   * A row of the table; the first that fits counts.
   *
   * @param methods empty for reading
   * @param path of the request, or how it begins where it ends with an asterisk
   * @param role null where nobody has to say who they are
   */
  private record Row(Set<String> methods, String path, Role role) {

    boolean fits(String method, String asked) {
      return (methods.isEmpty() ? READING : methods).contains(method)
          && (path.endsWith("*")
              ? asked.startsWith(path.substring(0, path.length() - 1))
              : asked.equals(path));
    }
  }

  private static final List<Row> TABLE =
      List.of(
          reading("/q/health*", null),
          reading("/", null),
          reading("/index.html", null),
          reading("/favicon.ico", null),
          reading("/ui/*", null),
          new Row(Set.of("POST", "DELETE"), "/api/session", null),
          reading("/api/audit*", Role.ADMIN),
          reading("/api/*", Role.VIEWER),
          reading("/q/metrics*", Role.VIEWER),
          reading("/q/openapi*", Role.VIEWER),
          new Row(Set.of("POST", "PUT"), "/api/ingestion/*", Role.OPERATOR),
          posting("/api/releases/holds", Role.OPERATOR),
          posting("/api/releases/rescreenings", Role.OPERATOR),
          posting("/api/triggers", Role.OPERATOR),
          posting("/api/triggers/withdrawals", Role.OPERATOR),
          posting("/api/dead-letters/replay", Role.OPERATOR),
          posting("/api/notifications/*", Role.OPERATOR),
          posting("/api/releases/approvals", Role.APPROVER),
          posting("/api/releases/rejections", Role.APPROVER),
          posting("/api/releases/promotions", Role.APPROVER),
          posting("/api/releases/rollbacks", Role.APPROVER),
          posting("/api/policies", Role.ADMIN));

  private Permissions() {}

  private static Row reading(String path, Role role) {
    return new Row(Set.of(), path, role);
  }

  private static Row posting(String path, Role role) {
    return new Row(Set.of("POST"), path, role);
  }

  /** What a request needs: nobody in particular, one role, or what nobody has. */
  public sealed interface Need {}

  /** Anybody may. */
  public record Open() implements Need {}

  /** Who has the role may. */
  public record Needs(Role role) implements Need {}

  /** Nobody may. */
  public record Denied() implements Need {}

  /** What a request needs. */
  public static Need of(String method, String path) {
    Optional<Row> row = TABLE.stream().filter(each -> each.fits(method, path)).findFirst();
    if (row.isEmpty()) {
      return new Denied();
    }
    return row.get().role() == null ? new Open() : new Needs(row.get().role());
  }
}
