package io.gregor.wiregen;

/**
 * A closed range of message versions, as the schemas write it: {@code "3+"}, {@code "0-12"}, {@code "5"} or
 * {@code "none"}.
 */
record Versions(int lowest, int highest) {
    static final Versions NONE = new Versions(0, -1);
    private static final int UNBOUNDED = Short.MAX_VALUE;

    static Versions parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        if (text.endsWith("+")) {
            return new Versions(Integer.parseInt(text.substring(0, text.length() - 1)), UNBOUNDED);
        }
        int dash = text.indexOf('-');
        if (dash < 0) {
            return new Versions(Integer.parseInt(text), Integer.parseInt(text));
        }
        return new Versions(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }

    boolean isEmpty() {
        return highest < lowest;
    }

    Versions intersect(Versions other) {
        Versions common = new Versions(Math.max(lowest, other.lowest), Math.min(highest, other.highest));
        return common.isEmpty() ? NONE : common;
    }

    boolean contains(Versions other) {
        return other.isEmpty() || (lowest <= other.lowest && highest >= other.highest);
    }

    /** The Java condition on {@code version} that holds within this range, given that it is within {@code known}. */
    String condition(Versions known) {
        Versions common = intersect(known);
        if (common.isEmpty()) {
            return "false";
        }
        boolean low = common.lowest > known.lowest;
        boolean high = common.highest < known.highest;
        if (low && high) {
            return common.lowest == common.highest
                    ? "version == " + common.lowest
                    : "version >= " + common.lowest + " && version <= " + common.highest;
        }
        if (low) {
            return "version >= " + common.lowest;
        }
        return high ? "version <= " + common.highest : "true";
    }
}
