package io.gregor.broker.secure;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * Values in the distinguished encoding rules of ASN.1 (X.690), as far as certificates need them: each is a tag, a
 * length, and the content. Pure.
 */
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int OF_CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;

    /** From this year on RFC 5280 wants four digits. */
    private static final int LONG_YEARS = 2050;

    private static final DateTimeFormatter SHORT = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
    private static final DateTimeFormatter LONG = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

    private Der() {}

    static byte[] sequence(List<byte[]> elements) {
        return sequence(elements.toArray(new byte[0][]));
    }

    static byte[] sequence(byte[]... elements) {
        return value(SEQUENCE, elements);
    }

    static byte[] yes() {
        return value(BOOLEAN, new byte[] {(byte) 0xff});
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    static byte[] octets(byte[] bytes) {
        return value(OCTET_STRING, bytes);
    }

    /** @param unused how many bits of the last byte do not count */
    static byte[] bits(int unused, byte... bytes) {
        return value(BIT_STRING, new byte[] {(byte) unused}, bytes);
    }

    /** @param dotted such as 2.5.29.15 */
    static byte[] identifier(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >> shift != 0) {
                    content.write(0x80 | arc >> shift & 0x7f);
                }
            }
            content.write(arc & 0x7f);
        }
        return value(OBJECT_IDENTIFIER, content.toByteArray());
    }

    /** To the second. */
    static byte[] time(Instant time) {
        boolean isShort = time.atOffset(ZoneOffset.UTC).getYear() < LONG_YEARS;
        String text = (isShort ? SHORT : LONG).format(time.atOffset(ZoneOffset.UTC));
        return value(isShort ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A value whose kind the context knows by that number: its content alone. */
    static byte[] implicit(int number, byte[] content) {
        return value(OF_CONTEXT | number, content);
    }

    /** The same, with the whole value in it. */
    static byte[] explicit(int number, byte[] whole) {
        return value(OF_CONTEXT | CONSTRUCTED | number, whole);
    }

    private static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] bytes = BigInteger.valueOf(length).toByteArray();
            int zero = bytes[0] == 0 ? 1 : 0;
            out.write(0x80 | bytes.length - zero);
            out.write(bytes, zero, bytes.length - zero);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
