package interop;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.didcommx.didcomm.DIDComm;
import org.didcommx.didcomm.common.AnonCryptAlg;
import org.didcommx.didcomm.diddoc.DIDDoc;
import org.didcommx.didcomm.diddoc.DIDDocResolverInMemory;
import org.didcommx.didcomm.message.Attachment;
import org.didcommx.didcomm.message.FromPrior;
import org.didcommx.didcomm.message.Message;
import org.didcommx.didcomm.message.MessageBuilder;
import org.didcommx.didcomm.model.Metadata;
import org.didcommx.didcomm.model.PackEncryptedParams;
import org.didcommx.didcomm.model.PackSignedParams;
import org.didcommx.didcomm.model.UnpackParams;
import org.didcommx.didcomm.model.UnpackResult;
import org.didcommx.didcomm.secret.SecretResolverInMemory;
import org.didcommx.didcomm.secret.SecretUtilsKt;

/** Driver of SICPA's didcomm for the JVM: one JSON request a line on standard input, one JSON answer a line on standard output. */
public final class Driver {
  // Times are whole numbers, where Gson makes floating-point ones of all numbers by default.
  private static final Gson JSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();
  private static final Map<String, AnonCryptAlg> ANON_ALGORITHMS = Map.of(
      "A256CBC-HS512", AnonCryptAlg.A256CBC_HS512_ECDH_ES_A256KW,
      "A256GCM", AnonCryptAlg.A256GCM_ECDH_ES_A256KW,
      "XC20P", AnonCryptAlg.XC20P_ECDH_ES_A256KW);

  public static void main(String[] arguments) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      answers.println(JSON.toJson(answer(line)));
    }
  }

  private static Map<String, ?> answer(String line) {
    try {
      Map<String, Object> request = JSON.fromJson(line, new TypeToken<Map<String, Object>>() {}.getType());
      return switch ((String) request.get("op")) {
        case "hello" -> Map.of("name", "didcomm (JVM)", "version", "0.3.2");
        case "pack" -> Map.of("packed", pack(request));
        case "unpack" -> unpack(request);
        default -> Map.of("error", "unknown operation");
      };
    } catch (Throwable error) {
      Throwable cause = error.getCause();
      return Map.of("error", error + (cause == null ? "" : " (" + cause + ")"));
    }
  }

  private static String pack(Map<String, Object> request) {
    DIDComm didcomm = didcomm(request);
    Map<String, Object> prior = member(request, "fromPrior");
    Message message = message(member(request, "message"), prior);
    String wrapping = (String) request.get("wrapping");
    String signBy = (String) request.get("signBy");
    if (wrapping.equals("signed")) {
      PackSignedParams.Builder signing = PackSignedParams.Companion.builder(message, signBy);
      if (prior != null) signing.fromPriorIssuerKid((String) prior.get("kid"));
      return didcomm.packSigned(signing.build()).getPackedMessage();
    }
    PackEncryptedParams.Builder packing = PackEncryptedParams.Companion.builder(message, (String) request.get("to"))
        .forward(Boolean.TRUE.equals(request.get("forward")))
        .protectSenderId(wrapping.equals("anoncrypt(authcrypt)"))
        .encAlgAnon(ANON_ALGORITHMS.get(request.get("enc") == null ? "A256CBC-HS512" : (String) request.get("enc")));
    if (wrapping.contains("authcrypt")) packing.from((String) request.get("from"));
    if (wrapping.contains("signed")) packing.signFrom(signBy);
    if (prior != null) packing.fromPriorIssuerKid((String) prior.get("kid"));
    return didcomm.packEncrypted(packing.build()).getPackedMessage();
  }

  private static Map<String, ?> unpack(Map<String, Object> request) {
    UnpackParams parameters = new UnpackParams.Builder((String) request.get("packed")).unwrapReWrappingForward(false).build();
    UnpackResult result = didcomm(request).unpack(parameters);
    Metadata metadata = result.getMetadata();
    Map<String, Object> proved = new LinkedHashMap<>();
    proved.put("encrypted", metadata.getEncrypted());
    proved.put("authenticated", metadata.getAuthenticated());
    proved.put("senderKid", metadata.getEncryptedFrom());
    proved.put("signerKid", metadata.getSignFrom());
    proved.put("prior", metadata.getFromPriorIssuerKid());
    Map<String, Object> message = new LinkedHashMap<>(result.getMessage().toJSONObject());
    // Its own conversion leaves out the headers that it does not know.
    message.putAll(result.getMessage().getCustomHeaders());
    return Map.of("message", message, "metadata", proved);
  }

  /** Its parser is the way in for all members but `from_prior`, which it takes as claims. */
  private static Message message(Map<String, Object> json, Map<String, Object> prior) {
    Message parsed = Message.Companion.parse(json);
    if (prior == null) return parsed;
    Map<String, Object> claims = member(prior, "claims");
    FromPrior fromPrior = FromPrior.Companion.builder((String) claims.get("iss"), (String) claims.get("sub"))
        .iat(((Number) claims.get("iat")).longValue())
        .build();
    MessageBuilder builder = Message.Companion.builder(parsed.getId(), parsed.getBody(), parsed.getType());
    List<Attachment> attachments = parsed.getAttachments();
    return builder.from(parsed.getFrom()).to(parsed.getTo()).createdTime(parsed.getCreatedTime()).attachments(attachments)
        .fromPrior(fromPrior).build();
  }

  private static DIDComm didcomm(Map<String, Object> request) {
    List<DIDDoc> documents = members(request, "documents").stream().map(Driver::document).collect(Collectors.toList());
    return new DIDComm(
        new DIDDocResolverInMemory(documents),
        new SecretResolverInMemory(members(request, "secrets").stream().map(SecretUtilsKt::jwkToSecret).collect(Collectors.toList())));
  }

  /** The document with services as this library reads them: `serviceEndpoint` is the URI, `accept` and `routingKeys` stand beside it. */
  private static DIDDoc document(Map<String, Object> document) {
    Map<String, Object> adapted = new LinkedHashMap<>(document);
    adapted.put("service", members(document, "service").stream().map(service -> {
      Map<String, Object> endpoint = members(service, "serviceEndpoint").get(0);
      return Map.of(
          "id", service.get("id"),
          "type", service.get("type"),
          "serviceEndpoint", endpoint.get("uri"),
          "accept", endpoint.get("accept"),
          "routingKeys", endpoint.get("routingKeys"));
    }).collect(Collectors.toList()));
    return DIDDoc.Companion.fromJson(JSON.toJson(adapted));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> member(Map<String, Object> json, String name) {
    return (Map<String, Object>) json.get(name);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> members(Map<String, Object> json, String name) {
    return (List<Map<String, Object>>) json.get(name);
  }

  private Driver() {}
}
