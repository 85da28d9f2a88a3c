package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.ListObjectsArgs;
import io.minio.ListenBucketNotificationArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;

/** The few calls of the S3 protocol that the store needs, failures as problems. */
final class S3Bucket implements AutoCloseable {

  private static final Map<String, String> WRITE_ONCE = Map.of("If-None-Match", "*");
  private static final String EVENTS = "events";
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

  private final S3Settings settings;
  private final MinioClient client;
  private volatile Call listening;

  S3Bucket(S3Settings settings) {
    this.settings = settings;
    try {
      this.client =
          MinioClient.builder()
              .endpoint(settings.endpoint())
              .credentials(settings.accessKey(), settings.secretKey())
              .httpClient(http(settings).addInterceptor(this::remember).build(), true)
              .build();
    } catch (IllegalArgumentException e) {
      throw invalid("The store's settings cannot be used: " + e.getMessage());
    }
    if (!BUCKET.matcher(settings.bucket()).matches()) {
      throw invalid("The bucket name '" + settings.bucket() + "' cannot be used.");
    }
  }

  private static ProblemException invalid(String sentence) {
    return ProblemException.of(
        "STORE_SETTINGS_INVALID",
        sentence,
        "Check lazaret.s3.endpoint, e.g. http://127.0.0.1:9000, and lazaret.s3.bucket: 3 to 63"
            + " lower-case letters, digits and hyphens.");
  }

  /** The client has no way to end a conversation that another thread waits in. */
  private Response remember(Interceptor.Chain chain) throws IOException {
    if (chain.request().url().queryParameter(EVENTS) != null) {
      listening = chain.call();
    }
    return chain.proceed(chain.request());
  }

  private static OkHttpClient.Builder http(S3Settings settings) {
    // Without encryption no trust store is read, which would take a second.
    boolean encrypted = settings.endpoint().startsWith("https:");
    AtomicInteger count = new AtomicInteger();
    ExecutorService daemons =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "lazaret-s3-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    return new OkHttpClient.Builder()
        .connectionSpecs(List.of(encrypted ? ConnectionSpec.MODERN_TLS : ConnectionSpec.CLEARTEXT))
        .protocols(List.of(Protocol.HTTP_1_1))
        .dispatcher(new Dispatcher(daemons))
        .connectTimeout(settings.timeout())
        .readTimeout(settings.timeout())
        .writeTimeout(settings.timeout());
  }

  /** A call of the client, which reports most failures of the network unchecked. */
  private interface Request<T> {
    T run() throws MinioException;
  }

  private <T> T call(String key, Request<T> call) {
    try {
      return call.run();
    } catch (MinioException e) {
      throw StoreProblems.of(settings, key, e);
    } catch (IllegalStateException e) {
      throw StoreProblems.unavailable(settings, key, e);
    }
  }

  /** Listens to what is written below a prefix; one listener at a time. */
  BucketChanges changes(String prefix) {
    ListenBucketNotificationArgs all =
        ListenBucketNotificationArgs.builder()
            .bucket(settings.bucket())
            .prefix(prefix)
            .suffix("")
            .events(new String[] {"s3:ObjectCreated:*"})
            .build();
    try {
      return new BucketChanges(client.listenBucketNotification(all), settings);
    } catch (ErrorResponseException refused) {
      ProblemException problem = StoreProblems.of(settings, prefix, refused);
      throw problem.problem().retryable() ? problem : BucketChanges.noEvents(settings, refused);
    } catch (MinioException e) {
      throw StoreProblems.of(settings, prefix, e);
    } catch (IllegalStateException e) {
      throw StoreProblems.unavailable(settings, prefix, e);
    }
  }

  void ensure() {
    String bucket = settings.bucket();
    call(
        "",
        () -> {
          try {
            if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
              client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
            }
          } catch (MinioException e) {
            // Every service does this at its start; another one may have been faster.
            if (!StoreProblems.ownedAlready(e)) {
              throw e;
            }
          }
          return null;
        });
  }

  boolean exists(String key) {
    return call(
        key,
        () -> {
          try {
            client.statObject(
                StatObjectArgs.builder().bucket(settings.bucket()).object(key).build());
            return true;
          } catch (MinioException e) {
            if (StoreProblems.missing(e)) {
              return false;
            }
            throw e;
          }
        });
  }

  /** False when the key is taken and {@code onlyOnce}. */
  boolean put(String key, InputStream content, long size, boolean onlyOnce) {
    return call(
        key,
        () -> {
          try {
            client.putObject(
                PutObjectArgs.builder()
                    .bucket(settings.bucket())
                    .object(key)
                    .headers(new Http.Headers(onlyOnce ? WRITE_ONCE : Map.of()))
                    .stream(content, size, settings.partBytes())
                    .build());
            return true;
          } catch (MinioException e) {
            if (onlyOnce && StoreProblems.precondition(e)) {
              return false;
            }
            throw e;
          }
        });
  }

  void remove(String key) {
    call(
        key,
        () -> {
          client.removeObject(
              RemoveObjectArgs.builder().bucket(settings.bucket()).object(key).build());
          return null;
        });
  }

  /**
   * Objects below a prefix, in the order of their keys.
   *
   * @throws ProblemException STORE_TOO_MANY_OBJECTS beyond {@code limit}
   */
  List<ListedObject> list(String bucket, String prefix, int limit) {
    return call(
        prefix,
        () -> {
          List<ListedObject> found = new ArrayList<>();
          ListObjectsArgs all =
              ListObjectsArgs.builder().bucket(bucket).prefix(prefix).recursive(true).build();
          for (Result<Item> each : client.listObjects(all)) {
            Item item = each.get();
            if (found.size() == limit) {
              throw StoreProblems.tooMany(bucket, prefix, limit);
            }
            if (!item.isDir()) {
              found.add(new ListedObject(item.objectName(), unquoted(item.etag()), item.size()));
            }
          }
          return found;
        });
  }

  private static String unquoted(String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }

  /** Reading it fails with a problem, so that a store that stops is told from a disk that does. */
  InputStream open(String bucket, String key) {
    GetObjectArgs object = GetObjectArgs.builder().bucket(bucket).object(key).build();
    return new Answer(call(key, () -> client.getObject(object)), key);
  }

  private final class Answer extends FilterInputStream {

    private final String key;

    Answer(InputStream in, String key) {
      super(in);
      this.key = key;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        throw StoreProblems.unavailable(settings, key, e);
      }
    }
  }

  @Override
  public void close() {
    try {
      Call heard = listening;
      if (heard != null) {
        heard.cancel();
      }
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
