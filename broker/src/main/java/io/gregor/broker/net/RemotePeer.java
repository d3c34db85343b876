package io.gregor.broker.net;

import io.gregor.broker.access.Caller;
import io.gregor.broker.access.Principal;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The client of a connection. Confined to the connection's loop. */
final class RemotePeer implements Peer {
    private final InetSocketAddress address;
    private final String listener;
    private final @Nullable Authentication authentication;
    private ClientSoftware software = ClientSoftware.UNKNOWN;
    private @Nullable Caller caller;

    /**
     * @param listener at which it has come
     * @param authentication null where it need not authenticate
     */
    RemotePeer(Channel channel, String listener, @Nullable Authentication authentication) {
        this.address = (InetSocketAddress) channel.remoteAddress();
        this.listener = listener;
        this.authentication = authentication;
    }

    /** It has shown who it is. */
    void isKnownAs(Principal principal) {
        caller = new Caller(principal, address, listener);
    }

    @Override
    public Caller caller() {
        Caller known = caller;
        if (known == null) {
            isKnownAs(Principal.ANONYMOUS);
            return caller();
        }
        return known;
    }

    @Override
    public ClientSoftware software() {
        return software;
    }

    @Override
    public void software(ClientSoftware said) {
        software = said;
        if (authentication != null) {
            authentication.session().versionsTold();
        }
    }

    @Override
    public @Nullable Authentication authentication() {
        return authentication;
    }
}
