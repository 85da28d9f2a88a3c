package io.lazaret.notification;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;

/**
 * Posts to receivers, and to nobody else: a name is resolved once per connection, all its addresses
 * are checked, the connection goes to one of them, and the peer is checked again before anything is
 * sent. So a name that changes its mind between check and connection gains nothing. Redirects are
 * not followed, proxies not used.
 */
final class Sender implements AutoCloseable {

  /** Most bytes of an answer that are read. */
  private static final long MAX_ANSWER = 64 * 1024;

  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final String ALLOW = "; allow it with .allow-private=true";

  private static final int HTTP_OK = 200;
  private static final int HTTP_REDIRECT = 300;
  private static final int HTTP_BAD_REQUEST = 400;
  private static final int HTTP_TIMEOUT = 408;
  private static final int HTTP_TOO_EARLY = 425;
  private static final int HTTP_TOO_MANY = 429;
  private static final int HTTP_SERVER_ERROR = 500;

  /** How names become addresses. */
  interface Resolver {
    List<InetAddress> resolve(String host) throws UnknownHostException;
  }

  /**
   * What came of a post.
   *
   * @param fate whether it arrived, may be tried again, or never will arrive
   * @param sentence what the receiver answered, without its words
   * @param body of the answer, bounded; empty unless it arrived
   */
  record Result(Fate fate, String sentence, String body) {
    enum Fate {
      ARRIVED,
      PASSING,
      REFUSED
    }
  }

  /** An address that is not public. */
  private static final class PrivateAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1;

    PrivateAddressException(String message) {
      super(message);
    }
  }

  private final Receiver receiver;
  private final OkHttpClient http;

  /**
   * @param timeout for a whole post, connecting included
   */
  Sender(Receiver receiver, Resolver resolver, Duration timeout) {
    this.receiver = receiver;
    this.http =
        new OkHttpClient.Builder()
            .dns(checked(resolver))
            .addNetworkInterceptor(this::peerChecked)
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .callTimeout(timeout)
            .connectTimeout(timeout)
            .readTimeout(timeout)
            .writeTimeout(timeout)
            .build();
  }

  private Dns checked(Resolver resolver) {
    return host -> {
      List<InetAddress> addresses = resolver.resolve(host);
      for (InetAddress address : addresses) {
        check(address);
      }
      return addresses;
    };
  }

  /** Of an address that was written as numbers nothing is resolved. */
  private void checkLiteral(String host) throws IOException {
    if (host.contains(":") || NUMBERS.matcher(host).matches()) {
      check(InetAddress.getByName(host));
    }
  }

  /** Whatever the connection was made by, its peer is the last word. */
  private Response peerChecked(Interceptor.Chain chain) throws IOException {
    check(chain.connection().socket().getInetAddress());
    return chain.proceed(chain.request());
  }

  private void check(InetAddress address) throws PrivateAddressException {
    if (!receiver.allowPrivate() && !AddressRules.isPublic(address)) {
      throw new PrivateAddressException(
          receiver.url().getHost() + " is an address of a private network or of this machine");
    }
  }

  /** Posts JSON; never throws. */
  Result post(String url, String json, Map<String, String> headers) {
    Request.Builder request =
        new Request.Builder()
            .url(url)
            .post(RequestBody.create(json, MediaType.get("application/json; charset=utf-8")))
            .header("User-Agent", "lazaret");
    headers.forEach(request::header);
    Request built = request.build();
    try {
      checkLiteral(built.url().host());
    } catch (IOException e) {
      return refused(e.getMessage() + ALLOW);
    }
    try (Response response = http.newCall(built).execute()) {
      int status = response.code();
      String sentence = "status " + status;
      if (status >= HTTP_OK && status < HTTP_REDIRECT) {
        return new Result(Result.Fate.ARRIVED, sentence, bounded(response));
      } else if (status >= HTTP_REDIRECT && status < HTTP_BAD_REQUEST) {
        return refused(sentence + ": redirects are not followed");
      }
      boolean passing =
          status >= HTTP_SERVER_ERROR
              || status == HTTP_TIMEOUT
              || status == HTTP_TOO_EARLY
              || status == HTTP_TOO_MANY;
      return passing ? passing(sentence) : refused(sentence);
    } catch (PrivateAddressException e) {
      return refused(e.getMessage() + ALLOW);
    } catch (IOException e) {
      return e.getCause() instanceof PrivateAddressException
          ? refused(e.getCause().getMessage() + ALLOW)
          : passing(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static String bounded(Response response) throws IOException {
    Buffer buffer = new Buffer();
    while (buffer.size() < MAX_ANSWER) {
      if (response.body().source().read(buffer, MAX_ANSWER - buffer.size()) < 0) {
        break;
      }
    }
    return buffer.readUtf8();
  }

  private static Result passing(String sentence) {
    return new Result(Result.Fate.PASSING, sentence, "");
  }

  private static Result refused(String sentence) {
    return new Result(Result.Fate.REFUSED, sentence, "");
  }

  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }
}
