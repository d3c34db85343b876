package io.gregor.compat.oracle;

import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What Apache Kafka and Gregor say to the same. Immutable. */
record Answers(String theirs, String ours) {
    static final String CLOSED = "the connection was closed";

    private static final int REPETITIONS_MAX = 1_000;

    /**
     * No leader or no coordinator yet, the coordinator loads, the last transaction is not complete yet: errors that
     * mean that nothing was done, and that the client is to ask again.
     */
    private static final Pattern ASK_AGAIN = Pattern.compile("errorCode=(5|6|14|15|16|51)\\b|^51 ");

    /** Where the two differ, whoever says so is asked again. */
    static Answers of(Callable<String> theirs, Callable<String> ours) throws Exception {
        return of(theirs, ours, answer -> ASK_AGAIN.matcher(answer).find());
    }

    static Answers of(Callable<String> theirs, Callable<String> ours, Predicate<String> isToBeAskedAgain)
            throws Exception {
        String their = theirs.call();
        String our = ours.call();
        for (int i = 0; !our.equals(their) && i < REPETITIONS_MAX; i++) {
            boolean askThem = isToBeAskedAgain.test(their);
            boolean askUs = isToBeAskedAgain.test(our);
            if (!askThem && !askUs) {
                break;
            }
            their = askThem ? theirs.call() : their;
            our = askUs ? ours.call() : our;
        }
        return new Answers(their, our);
    }

    boolean areEqual() {
        return ours.equals(theirs);
    }
}
