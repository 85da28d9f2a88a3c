package io.lazaret.embedded.registry;

/** A refusal in the registry protocol. */
final class RegistryError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final int code;

  private RegistryError(int status, int code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }

  static RegistryError subjectNotFound(String subject) {
    return new RegistryError(404, 40401, "Subject '" + subject + "' not found.");
  }

  static RegistryError versionNotFound(String version) {
    return new RegistryError(404, 40402, "Version " + version + " not found.");
  }

  static RegistryError schemaNotFound() {
    return new RegistryError(404, 40403, "Schema not found");
  }

  static RegistryError configNotFound(String subject) {
    return new RegistryError(
        404,
        40408,
        "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RegistryError incompatible(String why) {
    return new RegistryError(
        409, 409, "Schema being registered is incompatible with an earlier schema: " + why);
  }

  static RegistryError invalidSchema(String why) {
    return new RegistryError(422, 42201, "Invalid schema: " + why);
  }

  static RegistryError invalidVersion(String version) {
    return new RegistryError(
        422,
        42202,
        "The specified version '"
            + version
            + "' is not a valid version id. Allowed values are"
            + " between [1, 2^31-1] and the string \"latest\"");
  }

  static RegistryError invalidLevel(String level) {
    return new RegistryError(422, 42203, "Invalid compatibility level: " + level);
  }

  static RegistryError unprocessable(String why) {
    return new RegistryError(422, 422, why);
  }

  static RegistryError tooLarge(int limit) {
    return new RegistryError(413, 413, "The request is larger than " + limit + " bytes");
  }

  static RegistryError noSuchPath(String path) {
    return new RegistryError(404, 404, "HTTP 404 Not Found: " + path);
  }

  static RegistryError methodNotAllowed(String method) {
    return new RegistryError(405, 405, "HTTP 405 Method Not Allowed: " + method);
  }

  static RegistryError storeFailed(String why) {
    return new RegistryError(500, 50001, "Error in the backend data store: " + why);
  }
}
