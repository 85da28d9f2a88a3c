package io.lazaret.notification;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses are somebody on the internet, and not a neighbour that trusts this machine: the
 * special-purpose registries of IANA (RFC 6890), the addresses inside of which others are written
 * included.
 */
final class AddressRules {

  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final int SIX_TO_FOUR = 0x2002;
  private static final int TEREDO_HIGH = 0x2001;

  private AddressRules() {}

  /** Whether an address is public. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address ? isPublic4(bytes) : isPublic6((Inet6Address) address);
  }

  private static boolean isPublic4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    boolean shared = a == 100 && b >= 64 && b < 128;
    boolean protocols = a == 192 && b == 0 && (c == 0 || c == 2);
    boolean relay = a == 192 && b == 88 && c == 99;
    boolean benchmark = a == 198 && (b == 18 || b == 19);
    boolean examples = a == 198 && b == 51 && c == 100 || a == 203 && b == 0 && c == 113;
    return a != 0 && a < 224 && !shared && !protocols && !relay && !benchmark && !examples;
  }

  private static boolean isPublic6(Inet6Address address) {
    byte[] bytes = address.getAddress();
    int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    if (first == SIX_TO_FOUR) {
      return isPublic(inner(bytes, 2));
    }
    if (Arrays.equals(bytes, 0, NAT64.length, NAT64, 0, NAT64.length)) {
      return isPublic(inner(bytes, NAT64.length));
    }
    boolean unique = (first & 0xfe00) == 0xfc00;
    boolean global = (first & 0xe000) == 0x2000;
    boolean teredoOrSpecial = first == TEREDO_HIGH && (bytes[2] & 0xfe) == 0;
    boolean documentation =
        first == TEREDO_HIGH && (bytes[2] & 0xff) == 0x0d && (bytes[3] & 0xff) == 0xb8;
    return global && !unique && !teredoOrSpecial && !documentation;
  }

  private static InetAddress inner(byte[] bytes, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
