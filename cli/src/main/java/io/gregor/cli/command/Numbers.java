package io.gregor.cli.command;

/** Numbers of options, held to what the protocol can carry. */
public final class Numbers {
    private Numbers() {}

    /** @throws UsageException if there are more of it than an int holds */
    public static int toInt(String option, long value) {
        return (int) checked(option, value, Integer.MAX_VALUE);
    }

    /** @throws UsageException if there are more of it than a short holds */
    public static short toShort(String option, long value) {
        return (short) checked(option, value, Short.MAX_VALUE);
    }

    private static long checked(String option, long value, long most) {
        if (value < -1 || value > most) {
            throw new UsageException(option + "=" + value + ": allowed is a number up to " + most);
        }
        return value;
    }
}
