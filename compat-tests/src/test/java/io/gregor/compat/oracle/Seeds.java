package io.gregor.compat.oracle;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The seeds of a test: the same ones in each build, {@code compat-tests/run nightly} takes others and more, and CI one
 * that each commit has for itself, which it prints. Immutable.
 */
final class Seeds {
    private static final int FIRST = Integer.getInteger("seeds.from", 0);
    private static final int NONE = -1;
    private static final int NEW = Integer.getInteger("seeds.new", NONE);

    private Seeds() {}

    /**
     * As many as the system property of that name says, and the new one.
     *
     * @param each how many seeds in a row count as one
     */
    static List<Integer> of(String property, int byDefault, int each) {
        IntStream same = IntStream.range(FIRST, FIRST + Integer.getInteger(property, byDefault) * each);
        IntStream more = NEW == NONE ? IntStream.empty() : IntStream.range(NEW, NEW + each);
        return IntStream.concat(same, more).boxed().toList();
    }
}
