package io.lazaret.notification;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** Who is told, what arrived, and what never did. */
@Path("/api/notifications")
@Produces(MediaType.APPLICATION_JSON)
public class NotificationResource {

  @Inject Notifications notifications;

  /** All receivers with their dead notices; never their addresses or secrets. */
  @GET
  public Map<String, List<Courier.Status>> receivers() {
    return Map.of("items", notifications.status());
  }

  /** Tries dead notices again; answers how many. */
  @POST
  @Path("{receiver}/retries")
  public Map<String, Integer> retry(@PathParam("receiver") String receiver) {
    return Map.of("retried", notifications.retry(receiver));
  }
}
