package io.gregor.broker.net;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.lane.Lane.Scheduled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection does with requests that come. Immutable; each transition is a method of the state that it leaves.
 * Confined to the connection's loop.
 */
sealed interface ConnectionState {
    /** Whether a request may be taken up, and the next be read. */
    default boolean takesRequests() {
        return false;
    }

    default boolean isClosed() {
        return false;
    }

    /** The client is to wait (KIP-219). */
    ConnectionState muted(Mute mute);

    /** One wait is over. */
    ConnectionState unmuted(Mute mute);

    /** The connection has ended, or ends now; nothing comes after this. */
    ConnectionState closed();

    /** One wait of a client. Confined to the connection's loop. */
    final class Mute {
        private @Nullable Scheduled timer;

        /** @param over run on the loop, after the delay, unless this is cancelled */
        void begin(Lane loop, int delayMs, Runnable over) {
            timer = loop.schedule(over, delayMs);
        }

        void cancel() {
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    /** Takes up requests. */
    record Serving() implements ConnectionState {
        @Override
        public boolean takesRequests() {
            return true;
        }

        @Override
        public ConnectionState muted(Mute mute) {
            return new Muted(List.of(mute), this);
        }

        @Override
        public ConnectionState unmuted(Mute mute) {
            return this;
        }

        @Override
        public ConnectionState closed() {
            return new Closed();
        }
    }

    /**
     * Takes up nothing until all waits are over.
     *
     * @param before what the connection goes back to
     */
    record Muted(List<Mute> mutes, ConnectionState before) implements ConnectionState {
        @Override
        public ConnectionState muted(Mute mute) {
            List<Mute> more = new ArrayList<>(mutes);
            more.add(mute);
            return new Muted(more, before);
        }

        @Override
        public ConnectionState unmuted(Mute mute) {
            List<Mute> left = new ArrayList<>(mutes);
            left.remove(mute);
            return left.isEmpty() ? before : new Muted(left, before);
        }

        @Override
        public ConnectionState closed() {
            mutes.forEach(Mute::cancel);
            return before.closed();
        }
    }

    /** Takes up nothing any more. */
    record Closed() implements ConnectionState {
        @Override
        public boolean isClosed() {
            return true;
        }

        @Override
        public ConnectionState muted(Mute mute) {
            mute.cancel();
            return this;
        }

        @Override
        public ConnectionState unmuted(Mute mute) {
            return this;
        }

        @Override
        public ConnectionState closed() {
            return this;
        }
    }
}
