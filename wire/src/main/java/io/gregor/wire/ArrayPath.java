package io.gregor.wire;

import java.util.Arrays;

/**
 * Where in a message's nested arrays its writing has paused: for each level the number of arrays that are complete, and
 * the index in the one that is not. Confined to one thread.
 *
 * <p>Writing goes on from the start of the message: what comes before the place where it paused is written again and
 * dropped, but for the elements of arrays, which are skipped.
 */
final class ArrayPath {
    private static final int LEVELS_MAX = 8;

    private final int[] complete = new int[LEVELS_MAX + 1];
    private final int[] index = new int[LEVELS_MAX];
    private final int[] pausedComplete = new int[LEVELS_MAX];
    private final int[] pausedIndex = new int[LEVELS_MAX];
    private int depth;
    private int pausedDepth;
    private boolean replaying;

    /** To be called when the message is written from its start again. */
    void begin() {
        depth = 0;
        Arrays.fill(complete, 0);
        replaying = pausedDepth > 0;
    }

    /** Whether what is written now was written before. */
    boolean isReplaying() {
        return replaying;
    }

    /** The index of the first element to be written of an array with so many. */
    int enter(int count) {
        int level = depth++;
        if (!replaying) {
            return 0;
        }
        return complete[level] < pausedComplete[level] ? count : pausedIndex[level];
    }

    void leave() {
        depth--;
        complete[depth]++;
    }

    /** Whether this element is the one at which writing has paused. */
    boolean reaches(int element) {
        index[depth - 1] = element;
        complete[depth] = 0;
        if (replaying && depth == pausedDepth) {
            replaying = false;
            return true;
        }
        return false;
    }

    void pause() {
        pausedDepth = depth;
        System.arraycopy(complete, 0, pausedComplete, 0, depth);
        System.arraycopy(index, 0, pausedIndex, 0, depth);
    }
}
