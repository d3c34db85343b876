package io.gregor.broker.seed;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.Caller;
import io.gregor.broker.access.Principal;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.net.Authentication;
import io.gregor.broker.net.ClientSoftware;
import io.gregor.broker.net.Peer;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.Message;
import io.gregor.wire.message.ApiKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks this broker's own handlers, as a client would, but without a connection, and allowed everything. Used by the
 * thread that starts the broker, which it blocks.
 */
public final class OwnRequests {
    private static final long LONGEST_S = 300;

    private final ApiRegistry apis;
    private final Lane lane;
    private final String clientId;
    private final Caller caller;

    /**
     * @param lane where the handlers are called
     * @param listener the name of one of the broker's
     * @param clientId which is also the name of the user
     */
    public OwnRequests(ApiRegistry apis, Lane lane, String listener, String clientId) {
        this.apis = apis;
        this.lane = lane;
        this.clientId = clientId;
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        this.caller = new Caller(Principal.user(clientId), here, listener);
    }

    /** @throws IOException if it is not answered */
    public <S extends Message> S ask(Class<S> response, ApiKey key, int version, Message request)
            throws IOException, InterruptedException {
        Api api = Objects.requireNonNull(apis.find(key.id()));
        RequestContext context =
                new RequestContext((short) version, 0, clientId, caller, new Nobody(), lane, Access.UNRESTRICTED);
        @SuppressWarnings("unchecked")
        ApiHandler<Message, Message> handler = (ApiHandler<Message, Message>) api.handler();
        Answer answer = new Answer();
        lane.execute(() -> {
            try {
                handler.handle(context, request, answer);
            } catch (RuntimeException e) {
                answer.fail(e);
            }
        });
        return response.cast(waitFor(answer.response, key));
    }

    /** Lets so much time pass. */
    void pause(long ms) throws IOException, InterruptedException {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        lane.schedule(() -> over.complete(true), ms);
        waitFor(over, "a pause");
    }

    private static <T> T waitFor(CompletableFuture<T> future, Object what) throws IOException, InterruptedException {
        try {
            return future.get(LONGEST_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(what + " was not answered", e);
        }
    }

    private static final class Answer implements Reply<Message> {
        private final CompletableFuture<Message> response = new CompletableFuture<>();

        @Override
        public void send(Message sent) {
            response.complete(sent);
        }

        @Override
        public void sendNothing(int throttleMs) {
            disconnect("without an answer");
        }

        @Override
        public void fail(Throwable cause) {
            response.completeExceptionally(cause);
        }

        @Override
        public void whenClosed(Runnable action) {
            // Whoever asks here stays.
        }

        @Override
        public void disconnect(String reason) {
            fail(new IOException(reason));
        }
    }

    /** There is no connection. */
    private final class Nobody implements Peer {
        @Override
        public Caller caller() {
            return caller;
        }

        @Override
        public ClientSoftware software() {
            return ClientSoftware.UNKNOWN;
        }

        @Override
        public void software(ClientSoftware software) {
            // It is not kept.
        }

        @Override
        public @Nullable Authentication authentication() {
            return null;
        }
    }
}
